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

/** How an entry's amount came about, so that the payee can recompute it; decimals are exact. */
export const entryExplanation = record({
  /** The line's base: paid less refunds. */
  base: text(64),
  fee: text(64),
  /** What the share was computed on. */
  before: text(64),
  /** The share's terms, such as "0.30" or "0.30 + 2.00". */
  share: text(1000, 0),
  /** Unrounded. */
  exact: text(200),
  /** Rounded and capped. */
  owed: text(64),
  /** What capped it ("left", "max", "min"), or null. */
  cappedBy: text(64).nullable(),
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
