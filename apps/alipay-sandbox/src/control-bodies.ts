import { z } from 'zod';

import { parseInstant } from './clock.js';
import { FAULT_KINDS } from './faults.js';
import { apiNamed, METHODS, PARTS } from './method-names.js';
import { fenOrNothing } from './yuan.js';

const amount = z.string().refine((text) => fenOrNothing(text) !== undefined, {
  message: 'must be yuan with at most two decimals, like "128.50"',
});
const positiveAmount = amount.refine((text) => (fenOrNothing(text) ?? 0n) > 0n, {
  message: 'must be more than 0.00',
});
const signedAmount = z
  .string()
  .refine((text) => fenOrNothing(text.replace(/^-/, '')) !== undefined, {
    message: 'must be yuan with at most two decimals, "-" before it for money that leaves',
  });
const instant = z.string().refine((text) => parseInstant(text) !== undefined, {
  message: 'must be an ISO 8601 instant with an offset',
});
const url = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
  message: 'must be an http or https address',
});

/** PUT /_sandbox/merchants/:appId */
export const merchantBody = z.strictObject({
  publicKey: z.string().min(1).optional(),
  balance: amount.optional(),
  notifyUrl: url.nullable().optional(),
  mode: z.enum(['key', 'certificate']).optional(),
  sceneRule: z.boolean().optional(),
  royaltyRatio: z.int().min(0).max(100).nullable().optional(),
  batchDirect: z.boolean().optional(),
});

/** PUT /_sandbox/accounts/:identity */
export const accountBody = z.strictObject({
  name: z.string().min(1).max(128).nullable().optional(),
  balance: amount.optional(),
  status: z.enum(['normal', 'frozen', 'missing', 'unverified']).optional(),
  userId: z.string().min(1).max(64).optional(),
});

/** POST /_sandbox/merchants/:appId/movements */
export const movementBody = z.strictObject({
  amount: signedAmount,
  type: z.enum(['top-up', 'withdrawal', 'fee', 'payment']),
  at: instant.optional(),
  tradeNo: z.string().min(1).max(64).optional(),
  memo: z.string().min(1).max(256).optional(),
});

/** POST /_sandbox/faults */
export const faultBody = z.strictObject({
  api: z
    .string()
    .refine((name) => apiNamed(name) !== undefined, {
      message: `must be * or one of ${[...Object.keys(METHODS), ...PARTS].join(', ')}`,
    })
    .optional(),
  match: z
    .strictObject({
      outBizNo: z.string().optional(),
      identity: z.string().optional(),
      appId: z.string().optional(),
    })
    .optional(),
  fault: z.enum(FAULT_KINDS),
  times: z.int().min(1).nullable().optional(),
  rate: z.number().min(0).max(1).optional(),
  seed: z.union([z.string(), z.number()]).optional(),
  then: z.enum(['succeeds', 'fails']).optional(),
  afterQueries: z.int().min(0).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  subCode: z.string().min(1).max(64).optional(),
});

/** PUT /_sandbox/limits: what is left out stays, null is no limit. */
export const limitsBody = z.strictObject({
  single: amount.nullable().optional(),
  payerDaily: amount.nullable().optional(),
  payeeDaily: amount.nullable().optional(),
  perSecond: z.int().min(1).nullable().optional(),
  settlePerSecond: z.int().min(1).nullable().optional(),
});

/** POST /_sandbox/merchants/:appId/trades: a buyer pays. */
export const tradeBody = z.strictObject({
  amount: positiveAmount,
  tradeNo: z
    .string()
    .regex(/^\d{16,64}$/, 'must be 16 to 64 digits')
    .optional(),
  outTradeNo: z.string().min(1).max(64).optional(),
  subject: z.string().min(1).max(256).optional(),
  buyer: z.string().min(1).max(100).optional(),
  royaltyFreeze: z.boolean().optional(),
  fee: amount.optional(),
  at: instant.optional(),
});

/** POST /_sandbox/merchants/:appId/refunds: the merchant gives a buyer money back. */
export const refundBody = z.strictObject({
  tradeNo: z.string().min(1).max(64),
  amount: positiveAmount,
  requestNo: z.string().min(1).max(64).optional(),
  reason: z.string().min(1).max(256).optional(),
  at: instant.optional(),
});

/** PUT /_sandbox/notifications */
export const notificationsBody = z.strictObject({
  mode: z.enum(['normal', 'duplicate', 'never', 'late', 'forged']),
});

/**
 * PUT /internal/clock: with `begin` false only the instant is taken, with true work due at it
 * starts.
 */
export const clockBody = z.strictObject({ now: instant, begin: z.boolean() });
