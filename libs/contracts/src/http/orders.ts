import { z } from 'zod';
import {
  amount,
  currency,
  entryKind,
  flag,
  id,
  instant,
  list,
  oneOf,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { holdKind } from './payees.js';

const version = whole(1, Number.MAX_SAFE_INTEGER);

const shareTerms = record({
  fixed: record({ fixed: text(64), amount: text(200) }).nullable(),
  rate: record({
    rate: text(64),
    amount: text(200),
    /** The fact that a dynamic rate follows, and its value when the order came. */
    by: oneOf(['payee-level', 'payee-month-volume', 'payee-refund-rate']).nullable(),
    value: text(64).nullable(),
  }).nullable(),
  tiers: record({
    method: oneOf(['whole', 'marginal']),
    reached: list(record({ from: text(64), rate: text(64), fixed: text(64) }), 100),
    amount: text(200),
  }).nullable(),
  min: text(64).nullable(),
  max: text(64).nullable(),
});

/**
 * How an entry's amount came about, so that the payee can recompute it. Exact, in the major unit; what no
 * decimal can hold is a fraction such as "5/3".
 */
export const entryExplanation = record({
  /** The line's base: paid less refunds. */
  base: text(64),
  /** What was paid for the line, before any refund. */
  paid: text(64).optional(),
  fee: text(64),
  /** What the share was computed on. */
  before: text(200),
  /** The share's terms, such as "0.30" or "2.00 + 0.30"; "rest" is the supplier's. */
  share: text(10_000, 0),
  /** The terms one by one; null for the fee and the supplier's rest. */
  terms: shareTerms.nullable().optional(),
  /** Unrounded, within the share's bounds. */
  exact: text(200),
  rounding: oneOf(['half-up', 'half-even', 'down']).optional(),
  /** Rounded and capped. */
  owed: text(64),
  /** By how much a bound of the fee, or what was left, changed the rounded amount. */
  cappedBy: text(64).nullable(),
  /** What held the amount: a bound, or what those before it had left. */
  bound: oneOf(['min', 'max', 'left']).nullable().optional(),
});
/** How an entry's amount came about. */
export type EntryExplanation = z.output<typeof entryExplanation>;

/** The states of an entry. */
export const entryState = oneOf(['accrued', 'matured', 'stated', 'paid', 'cancelled']);
/** The states of an entry. */
export type EntryState = z.output<typeof entryState>;

/** One amount owed to one payee for one order line, or a correction of it. */
export const entry = record({
  entryId: text(100),
  /** Null for what belongs to no line: give-backs, adjustments, rewards. */
  itemId: id.nullable(),
  orderId: id.nullable().optional(),
  kind: entryKind,
  /** The commission's level, 1 first; null for all else. */
  level: whole(1, 100).nullable(),
  /** Null for the platform's fee. */
  payeeId: id.nullable(),
  amount: signedAmount,
  currency,
  state: entryState,
  maturesAt: instant,
  holds: list(holdKind, 10),
  /** The entry that this one corrects. */
  corrects: text(100).nullable(),
  statementId: text(100).nullable(),
  planVersion: version.nullable(),
  /** There when an operator bound the order as settled elsewhere: paid, but not by Qingfen. */
  settledOutside: flag.optional(),
  how: entryExplanation.nullable(),
});
/** One amount owed to one payee for one order line, or a correction of it. */
export type Entry = z.output<typeof entry>;

const refundView = record({
  refundId: id,
  refundedAt: instant,
  state: oneOf(['applied', 'waiting', 'refused', 'reversed']),
  items: z.array(record({ itemId: id, amount, subsidy: amount.optional() })),
});

/** An order as the API shows one; 404 until its completion is processed. */
export const order = record({
  shopId: id,
  orderId: id,
  state: oneOf(['settling', 'no-plan']),
  currency,
  paidAt: instant,
  completedAt: instant,
  /** Null while no plan version says how long the window is. */
  windowClosesAt: instant.nullable(),
  planVersion: version.nullable(),
  items: z.array(
    record({
      itemId: id,
      supplierId: id,
      kind: oneOf(['goods', 'shipping']),
      paid: amount,
      refunded: amount,
      base: amount,
    }),
  ),
  refunds: z.array(refundView),
  disputes: z.array(
    record({ disputeId: id, openedAt: instant.nullable(), resolvedAt: instant.nullable() }),
  ),
  entries: z.array(entry),
});
/** An order as the API shows one. */
export type Order = z.output<typeof order>;

/** Body of `POST …/orders/:orderId/bind`. */
export const bindBody = strictRecord({ version, settledOutside: flag, reason: text(1000) });
/** Body of `POST …/orders/:orderId/bind`. */
export type BindBody = z.output<typeof bindBody>;
