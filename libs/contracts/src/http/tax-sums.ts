import { z } from 'zod';
import {
  amount,
  currency,
  day,
  id,
  instant,
  kind,
  positiveAmount,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { phrase } from '../phrase.js';
import { pageFields } from './paging.js';

const notAPeriod = phrase(
  'is not a month (2026-01), a quarter (2026-Q1) or a year (2026)',
  '不是月份 (2026-01)、季度 (2026-Q1) 或年份 (2026)',
);

/** A month, a quarter or a year in the shop's time zone. */
export const taxPeriod = z
  .string({ error: notAPeriod })
  .regex(/^2[0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]))?$/, { error: notAPeriod });

/** Query of `GET …/tax-sums`. */
export const taxSumQuery = strictRecord({
  period: taxPeriod,
  payeeId: id.optional(),
  ...pageFields,
});
/** Query of `GET …/tax-sums`. */
export type TaxSumQuery = z.output<typeof taxSumQuery>;

/** Query of `GET …/tax-sums.csv`. */
export const taxSumFileQuery = strictRecord({ period: taxPeriod, payeeId: id.optional() });

/** What one payee received of one kind within a period: by when Alipay paid it, or it came back. */
export const taxSum = record({
  payeeId: id,
  name: text(200),
  /** As the payee was told with its account, such as personal or enterprise; null: nobody said. */
  accountType: text(64).nullable(),
  kind,
  currency,
  paid: amount,
  returned: amount,
  net: signedAmount,
  payouts: whole(0, Number.MAX_SAFE_INTEGER),
  /** The tax withheld with what was paid, less with what was returned; and with it what `net` comes to. */
  withheld: signedAmount,
  gross: signedAmount,
});
/** What one payee received of one kind within a period. */
export type TaxSum = z.output<typeof taxSum>;

/** Body of `POST …/tax-payments`: what was withheld, paid to the tax office. */
export const taxPaymentBody = strictRecord({
  amount: positiveAmount,
  /** A day in the shop's time zone; none to come. */
  paidOn: day,
  /** The tax office's own number of it; each is booked once. */
  reference: text(200),
});
/** Body of `POST …/tax-payments`. */
export type TaxPaymentBody = z.output<typeof taxPaymentBody>;

/** A payment to the tax office that was booked. */
export const taxPayment = record({
  taxPaymentId: text(100),
  amount: positiveAmount,
  currency,
  paidOn: day,
  reference: text(200),
  by: text(200),
  at: instant,
});
/** A payment to the tax office that was booked. */
export type TaxPayment = z.output<typeof taxPayment>;
