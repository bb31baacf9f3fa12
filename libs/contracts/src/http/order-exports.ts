import { z } from 'zod';
import {
  amount,
  currency,
  day,
  id,
  instant,
  oneOf,
  record,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { phrase } from '../phrase.js';
import { differenceClass } from './proofs.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);

const noSpan = phrase(
  'needs either day (of Beijing), or both from and to',
  '需要 day (北京日期), 或同时给出 from 和 to',
);
const emptySpan = phrase('is not after from', '不晚于 from');

/**
 * Query of `POST …/reconciliations/order-exports`: whose orders the file has, by `completedAt`. A day of
 * Beijing, or `from` ≤ completedAt < `to`.
 */
export const orderExportQuery = strictRecord({
  day: day.optional(),
  from: instant.optional(),
  to: instant.optional(),
  /** As of when the order system made the file; the clock's now where it is absent. */
  asOf: instant.optional(),
  /** Columns to pass over, with commas between them. */
  ignoreColumns: text(1000).optional(),
}).superRefine(({ day: dayOfAll, from, to }, context) => {
  const isDay = dayOfAll !== undefined && from === undefined && to === undefined;
  const isSpan = dayOfAll === undefined && from !== undefined && to !== undefined;
  if (!isDay && !isSpan) context.addIssue({ code: 'custom', path: [], message: noSpan });
  else if (from !== undefined && to !== undefined && Date.parse(to) <= Date.parse(from)) {
    context.addIssue({ code: 'custom', path: ['to'], message: emptySpan });
  }
});
/** Query of `POST …/reconciliations/order-exports`. */
export type OrderExportQuery = z.output<typeof orderExportQuery>;

/** One row of the file: an order as the order system has it. */
export const orderExportRow = strictRecord({
  shopId: id.optional(),
  orderId: id,
  currency,
  paidAt: instant.optional(),
  completedAt: instant,
  /** What the buyer paid, all lines and shipping together. */
  amount,
  /** What the platform paid, all lines together; nothing where it is absent. */
  subsidy: amount.optional(),
  /** Of both, what all refunds that stand have taken back. */
  refunded: amount,
});
/** One row of the file: an order as the order system has it. */
export type OrderExportRow = z.output<typeof orderExportRow>;

/** An export of the order system, and what its comparison has found. */
export const orderExport = record({
  exportId: text(100),
  state: oneOf(['running', 'done', 'refused']),
  /** Its orders are those completed from here … */
  from: instant,
  /** … up to here, and not after `asOf`. */
  to: instant,
  asOf: instant,
  sha256: text(64),
  bytes: count,
  rows: count,
  uploadedBy: text(200),
  uploadedAt: instant,
  comparedAt: instant.nullable(),
  /** Differences that the last comparison found in orders of this export and its span. */
  found: z.array(record({ class: differenceClass, count })),
  /** Why it was not believed; null otherwise. */
  problem: text(1000).nullable(),
});
/** An export of the order system, and what its comparison has found. */
export type OrderExport = z.output<typeof orderExport>;
