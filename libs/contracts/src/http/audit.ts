import { z } from 'zod';
import { id, instant, oneOf, record, strictRecord, text, whole } from '../fields.js';
import { phrase } from '../phrase.js';

const notAMonth = phrase('is not a month such as "2026-01"', '不是像 "2026-01" 这样的月份');

/** A calendar month in the shop's time zone. */
export const auditMonth = z
  .string({ error: notAMonth })
  .regex(/^(?:19[7-9][0-9]|2[0-9]{3})-(?:0[1-9]|1[0-2])$/, { error: notAMonth });

/** Query of a service's answer of what a package of this month is made of. */
export const auditPlanQuery = strictRecord({ month: auditMonth });

const count = whole(0, Number.MAX_SAFE_INTEGER);

/** A text, and by whose key it is signed. */
export const signedText = record({
  text: z.string(),
  signature: text(256),
  keyId: text(128),
  publicKey: text(1000),
});
/** A text, and by whose key it is signed. */
export type SignedText = z.output<typeof signedText>;

/** What a month's package is made of, as the ledger's owner says it. */
export const auditPlan = record({
  shopId: id,
  month: auditMonth,
  timezone: text(64),
  /** The month, half-open. */
  from: instant,
  to: instant,
  /** The ledger's last block in it, under a signed head; 0: nothing was booked until then. */
  toBlock: count,
  /** The keys of all services, signed by the ledger's. */
  services: signedText,
});
/** What a month's package is made of. */
export type AuditPlan = z.output<typeof auditPlan>;

/** Lists of an audit package besides the acts of each service. */
export const auditList = oneOf([
  'totals',
  'kind-totals',
  'differences',
  'difference-steps',
  'difference-closings',
  'alerts',
  'accesses',
]);
/** A list of an audit package. */
export type AuditList = z.output<typeof auditList>;

/** Where a list goes on: behind the first field of its last record, or from the beginning. */
const cursor = text(300).default('0');

/** Query of one page of a list that a service owns. */
export const auditPageQuery = strictRecord({ from: instant, to: instant, cursor });

/** The same of a list that is taken from the ledger up to a block. */
export const auditTotalsQuery = auditPageQuery.extend({
  toBlock: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/)
    .transform(Number),
});

/** A page of a list as one text, signed by the service that owns it: docs/proofs.md. */
export const signedPage = signedText.extend({
  format: z.literal('qingfen-page/1'),
  nextCursor: text(300).nullable(),
});
/** A page of a list as one text, signed by the service that owns it. */
export type SignedPage = z.output<typeof signedPage>;
