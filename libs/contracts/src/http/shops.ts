import { z } from 'zod';
import {
  amount,
  currency,
  flag,
  id,
  instant,
  jsonObject,
  kind,
  list,
  oneOf,
  plainAmount,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { phrase } from '../phrase.js';
import { withholding, withholdingBody } from '../withholding.js';
import { problemError } from './problem.js';

const pem = text(20_000);

const certificates = strictRecord({ app: pem, alipay: pem, root: pem });
const oneOfBoth = phrase(
  'needs either alipayPublicKey or certificates',
  '需要 alipayPublicKey 或 certificates 之一',
);

/** A shop's Alipay application; keys PKCS#1 or PKCS#8, PEM or bare base64. Write-only. */
export const alipayCredentials = strictRecord({
  /** The merchant's number (2088…). */
  pid: text(32).optional(),
  appId: text(64),
  privateKey: pem,
  keyType: oneOf(['PKCS1', 'PKCS8']).optional(),
  alipayPublicKey: pem.optional(),
  certificates: certificates.optional(),
  /** Whether Alipay lets it pay batches at once, which is a contract of its own; else a payer confirms. */
  batchDirect: flag.optional(),
  /** Whether trades are split in the mode `async`: each split ends later and by itself; else `sync`. */
  royaltyAsync: flag.optional(),
}).refine((given) => (given.alipayPublicKey === undefined) !== (given.certificates === undefined), {
  error: oneOfBoth,
});
/** A shop's Alipay application. Holds secrets: never logged, never answered. */
export type AlipayCredentials = z.output<typeof alipayCredentials>;

/** Body of `PUT /shops/:shopId`; without `alipay`, what is stored of it stays. */
export const shopBody = strictRecord({
  name: text(200),
  timezone: text(64).optional(),
  noticePeriodDays: whole(0, 3650).optional(),
  transferMax: plainAmount.optional(),
  /** Null switches it off. */
  withholding: withholdingBody.nullable().optional(),
  alipay: alipayCredentials.optional(),
});
/** Body of `PUT /shops/:shopId`. */
export type ShopBody = z.output<typeof shopBody>;

/** What may be known of a shop's Alipay application. */
export const alipaySummary = record({
  appId: text(64),
  mode: oneOf(['key', 'certificate']),
  configured: z.literal(true),
});
/** What may be known of a shop's Alipay application. */
export type AlipaySummary = z.output<typeof alipaySummary>;

/** A shop as the API shows one. */
export const shop = record({
  shopId: id,
  name: text(200),
  timezone: text(64),
  noticePeriodDays: whole(0, 3650),
  transferMax: plainAmount,
  /** Null: nothing is withheld. */
  withholding: withholding.nullable(),
  alipay: alipaySummary.nullable(),
  updatedAt: instant,
});
/** A shop as the API shows one. */
export type Shop = z.output<typeof shop>;

/** Answer of `POST …/alipay/test`: the application signed and asked, and this came back. */
export const alipayTest = record({
  ok: flag,
  mode: oneOf(['key', 'certificate']),
  code: text(128, 0),
  subCode: text(128, 0).nullable(),
  message: text(2000, 0),
});
/** Answer of `POST …/alipay/test`. */
export type AlipayTest = z.output<typeof alipayTest>;

/** Body of `POST …/plans`; the plan's own rules judge the plan. */
export const planBody = strictRecord({ plan: jsonObject, effectiveFrom: instant.optional() });
/** Body of `POST …/plans`. */
export type PlanBody = z.output<typeof planBody>;

/** A plan version. */
export const planVersion = record({
  shopId: id,
  version: whole(1, Number.MAX_SAFE_INTEGER),
  plan: jsonObject,
  hash: text(128),
  publishedAt: instant,
  effectiveFrom: instant,
  withdrawnAt: instant.optional(),
});
/** A plan version. */
export type PlanVersion = z.output<typeof planVersion>;

/** A named starting document: copied, edited and published like any plan. */
export const planTemplate = record({
  templateId: text(64),
  name: text(200),
  nameZh: text(200),
  explanation: text(2000),
  explanationZh: text(2000),
  plan: jsonObject,
});
/** A named starting document. */
export type PlanTemplate = z.output<typeof planTemplate>;

/** Body of `POST …/plans/:version/withdraw`. */
export const withdrawBody = strictRecord({ reason: text(1000).optional() });
/** Body of `POST …/plans/:version/withdraw`. */
export type WithdrawBody = z.output<typeof withdrawBody>;

/** Body of `POST …/plans/simulate`: orders with `from` ≤ `paidAt` < `to`. */
export const simulateBody = strictRecord({ plan: jsonObject, from: instant, to: instant });
/** Body of `POST …/plans/simulate`. */
export type SimulateBody = z.output<typeof simulateBody>;

const simulatedAmounts = { owed: amount, owedNow: amount, difference: signedAmount };

/** Answer of `POST …/plans/simulate`; nothing was booked. */
export const simulation = record({
  orders: whole(0, Number.MAX_SAFE_INTEGER),
  totals: record(simulatedAmounts),
  items: z.array(record({ payeeId: id, kind, currency, ...simulatedAmounts })),
  nextCursor: z.string().nullable(),
  warnings: list(problemError, 1000),
});
/** Answer of `POST …/plans/simulate`. */
export type Simulation = z.output<typeof simulation>;
