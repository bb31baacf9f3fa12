import { z } from 'zod';
import {
  amount,
  currency,
  flag,
  id,
  instant,
  kind,
  list,
  oneOf,
  positiveAmount,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { payout, payoutState } from './money.js';
import { entry, entryExplanation } from './orders.js';
import { pageFields } from './paging.js';
import { holdKind } from './payees.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const version = whole(1, Number.MAX_SAFE_INTEGER);
const journalBatch = text(20);
/** One sentence, in English and in Chinese. */
const said = { message: text(4000), messageZh: text(4000) };
const rowsMax = 20_000;

/** What the books have otherwise than the facts say. */
export const explanationDifference = record({
  subject: record({
    type: oneOf(['order', 'entry', 'team', 'statement', 'payout']),
    id: text(256),
  }),
  what: text(64),
  entryId: text(100).nullable(),
  /** What the facts come to, and what is booked; null where there is none. */
  expected: text(1000).nullable(),
  booked: text(1000).nullable(),
  ...said,
});
/** What the books have otherwise than the facts say. */
export type ExplanationDifference = z.output<typeof explanationDifference>;

// Every explanation is recomputed when it is asked for.
const judged = {
  at: instant,
  /** Whether what is booked is what the facts come to. */
  agrees: flag,
  differences: list(explanationDifference, 1000),
};

/** What something was caused by, and where it is booked. */
const source = record({
  /** Null for what runs and people book. */
  topic: text(100).nullable(),
  correlationId: text(1000, 0),
  bookedAt: instant,
  journalBatch,
});

/** Why an entry, or a row of one, was booked. */
export const entryCause = oneOf([
  'order',
  'refund',
  'refund-reversal',
  'rebinding',
  'give-back',
  'split-return',
  'team-reward',
  'adjustment',
  'opening',
  'recovery',
  'recovery-withdrawn',
]);
/** Why an entry, or a row of one, was booked. */
export type EntryCause = z.output<typeof entryCause>;

/** A row of an entry, or a correction of it, beside what it must be. */
export const explainedRow = record({
  row: oneOf(['entry', 'adjustment', 'correction']),
  /** The entry whose amount it is a part of. */
  entryId: text(100).nullable(),
  cause: entryCause,
  /** Such as the refund's id. */
  causeId: text(256).nullable(),
  /** When its cause took place. */
  at: instant.nullable(),
  bookedAt: instant.nullable(),
  journalBatch: journalBatch.nullable(),
  /** What was left of the line after it, and what the party is to have of that, all rows together. */
  base: amount.nullable(),
  target: amount.nullable(),
  expected: signedAmount.nullable(),
  /** As it is booked; null where it is not. */
  amount: signedAmount.nullable(),
});
/** A row of an entry, or a correction of it, beside what it must be. */
export type ExplainedRow = z.output<typeof explainedRow>;

/** An entry, in words, with all rows of its party of its line in the order of booking. */
export const explainedEntry = record({
  entry,
  cause: entryCause,
  causeId: text(256).nullable(),
  ...said,
  source,
  rows: list(explainedRow, rowsMax),
});
/** An entry, in words, with its rows. */
export type ExplainedEntry = z.output<typeof explainedEntry>;

/** A hold, open or ended. */
export const explainedHold = record({
  reason: holdKind,
  subject: record({ type: oneOf(['payee', 'order', 'entry', 'run']), id: text(256) }),
  /** Such as the dispute's or the refund's id. */
  key: text(256),
  openedAt: instant,
  releasedAt: instant.nullable(),
  ...said,
});
/** A hold, open or ended. */
export type ExplainedHold = z.output<typeof explainedHold>;

/** The facts of an order that its entries follow from. */
export const explainedOrder = record({
  orderId: id,
  state: oneOf(['settling', 'no-plan']),
  currency,
  paidAt: instant,
  completedAt: instant,
  paid: amount,
  alipayTradeNo: id.nullable(),
  buyerPayeeId: id.nullable(),
  teamId: id.nullable(),
  source,
  window: record({ closesAt: instant.nullable(), closeHeard: flag }),
  /** The version that binds it, and why this one. */
  plan: record({
    version,
    hash: text(128),
    publishedAt: instant,
    effectiveFrom: instant,
    withdrawnAt: instant.nullable(),
    /** The operator who bound it; null where its dates did. */
    boundBy: text(200).nullable(),
    ...said,
  }).nullable(),
  rebindings: list(
    record({ from: version, to: version.nullable(), at: instant, journalBatch }),
    1000,
  ),
  conditions: list(
    record({ for: kind, atLeast: amount, orderPaid: amount, met: flag, ...said }),
    100,
  ),
  /** What dynamic rates followed when the order came. */
  rateFacts: list(record({ by: text(64), payeeId: id, value: text(64) }), 1000),
  refunds: list(
    record({
      refundId: id,
      refundedAt: instant,
      state: oneOf(['applied', 'waiting', 'refused', 'reversed']),
      items: list(record({ itemId: id, amount, subsidy: amount }), 500),
      correlationId: text(1000, 0),
      heardAt: instant,
      reversedAt: instant.nullable(),
    }),
    10_000,
  ),
  holds: list(explainedHold, 1000),
});
/** The facts of an order that its entries follow from. */
export type ExplainedOrder = z.output<typeof explainedOrder>;

/** A line as it stands now: who has a share of it, how it comes about, and who has none and why. */
export const explainedLine = record({
  itemId: id,
  supplierId: id,
  kind: oneOf(['goods', 'shipping']),
  paid: amount,
  subsidy: amount,
  refunded: amount,
  base: amount,
  /** Null while no version binds the order; so is the supplier, and there are no levels. */
  fee: entryExplanation.nullable(),
  levels: list(
    record({
      level: whole(1, 100),
      payeeId: id.nullable(),
      why: oneOf([
        'present',
        'no-distributor',
        'buyer-skipped',
        'order-amount',
        'not-in-plan',
        'shipping',
      ]),
      ...said,
      how: entryExplanation.nullable(),
    }),
    100,
  ),
  /** `payeeId` null: the shop sells its own goods and keeps the rest. */
  supplier: record({ payeeId: id.nullable(), how: entryExplanation }).nullable(),
});
/** A line as it stands now. */
export type ExplainedLine = z.output<typeof explainedLine>;

/** Where the money of a give-back comes from. */
const giveBack = record({
  payoutId: text(100),
  statementId: text(100),
  amount: positiveAmount,
  status: text(20).nullable(),
  endedAt: instant.nullable(),
});

/** How a team's reward comes about. */
export const explainedReward = record({
  teamId: id,
  period: text(128),
  cutoff: instant,
  planVersion: version,
  rounding: oneOf(['half-up', 'half-even', 'down']),
  method: oneOf(['whole', 'marginal']),
  /** The tiers that priced the performance. */
  reached: list(record({ from: amount, rate: text(64), fixed: amount }), 100),
  /** What the run counted of orders, what it took over from the one before, and both together. */
  counted: signedAmount,
  carried: signedAmount,
  performance: signedAmount,
  reward: amount,
  orderCount: count,
  /** A page of what was counted, order by order; `cursor` of the call goes on. */
  orders: list(
    record({ orderId: id, change: signedAmount, expected: signedAmount.nullable() }),
    500,
  ),
  nextCursor: z.string().nullable(),
});
/** How a team's reward comes about. */
export type ExplainedReward = z.output<typeof explainedReward>;

/** What a person booked. */
const manual = record({
  /** The adjustment's or the recovery's id. */
  id: text(100),
  reason: text(4000),
  by: text(200),
  approvedBy: text(200).nullable(),
  state: text(20).nullable(),
});

/** Why so much tax was withheld of a statement. */
export const explainedWithholding = record({
  gross: positiveAmount,
  withheld: amount,
  /** The time whose statements are taxed together. */
  period: oneOf(['month', 'year']),
  from: instant,
  to: instant,
  tiers: list(record({ from: amount, rate: text(64) }), 100),
  /** What was stated in it before and withheld of that, less what had been given back. */
  before: amount,
  withheldBefore: amount,
  /** The tax on all of it, this statement included. */
  due: amount,
  ...said,
});
/** Why so much tax was withheld of a statement. */
export type ExplainedWithholding = z.output<typeof explainedWithholding>;

/** Answer of `GET …/explanations/entries/:entryId`. */
export const entryExplained = record({
  shopId: id,
  entryId: text(100),
  ...judged,
  told: explainedEntry,
  order: explainedOrder.nullable(),
  line: explainedLine.nullable(),
  giveBack: giveBack.nullable(),
  teamReward: explainedReward.nullable(),
  manual: manual.nullable(),
  /** Of the statement that lists it; absent where nothing could be withheld. */
  withholding: explainedWithholding.optional(),
});
/** Answer of `GET …/explanations/entries/:entryId`. */
export type EntryExplained = z.output<typeof entryExplained>;

/** Answer of `GET …/explanations/orders/:orderId`. */
export const orderExplained = record({
  shopId: id,
  orderId: id,
  ...judged,
  order: explainedOrder,
  lines: list(explainedLine, 500),
  entries: list(explainedEntry, rowsMax),
});
/** Answer of `GET …/explanations/orders/:orderId`. */
export type OrderExplained = z.output<typeof orderExplained>;

/** Answer of `GET …/explanations/statements/:statementId`; `entries` are a page. */
export const statementExplained = record({
  shopId: id,
  statementId: text(100),
  ...judged,
  ...said,
  payeeId: id,
  kind,
  currency,
  run: record({
    period: text(128),
    scheduledAt: instant,
    cutoff: instant,
    planVersion: version,
    finishedAt: instant.nullable(),
  }),
  issuedAt: instant,
  source,
  net: positiveAmount,
  entryCount: count,
  /** Absent where nothing could be withheld. */
  withholding: explainedWithholding.optional(),
  /** The net, or gross: what is owed, less what is taken off (≤ 0). */
  owed: amount,
  takenOff: signedAmount,
  /** Null where they were not kept yet when it was issued. */
  minPayout: amount.nullable(),
  transferMax: amount.nullable(),
  parts: list(
    record({ part: whole(1, 1_000_000), payoutId: text(100), amount: positiveAmount }),
    100_000,
  ),
  /** Why as many. */
  partsMessage: said.message,
  partsMessageZh: said.messageZh,
  entries: list(explainedEntry, 500),
  nextCursor: z.string().nullable(),
});
/** Answer of `GET …/explanations/statements/:statementId`. */
export type StatementExplained = z.output<typeof statementExplained>;

/** Answer of `GET …/explanations/payouts/:payoutId`. */
export const payoutExplained = record({
  shopId: id,
  payoutId: text(100),
  ...judged,
  /** What has become of it. */
  ...said,
  /** As payout has it; null while it has not heard of it. */
  payout: payout.nullable(),
  transitions: list(record({ to: payoutState, at: instant, ...said }), 10_000),
  /** As the ledger has it. */
  booked: record({
    part: whole(1, 1_000_000),
    parts: whole(1, 1_000_000),
    amount: positiveAmount,
    /** Its part of the statement's tax; absent where it has none. */
    withheld: positiveAmount.optional(),
    currency,
    requestedAt: instant,
    status: text(20).nullable(),
    endedAt: instant.nullable(),
  }),
  /** The entry in which its money stands if it was not paid. */
  giveBackEntryId: text(100).nullable(),
  statement: statementExplained,
});
/** Answer of `GET …/explanations/payouts/:payoutId`. */
export type PayoutExplained = z.output<typeof payoutExplained>;

/** Answer of `GET …/explanations/replay`: a page of the shop's books, recomputed and compared. */
export const replayPage = record({
  shopId: id,
  ...judged,
  /** May be more than `differences` lists. */
  differenceCount: count,
  checked: record({ orders: count, entries: count, performances: count, statements: count }),
  nextCursor: z.string().nullable(),
});
/** Answer of `GET …/explanations/replay`. */
export type ReplayPage = z.output<typeof replayPage>;

/** Query of explanations that have pages. */
export const explanationQuery = strictRecord(pageFields);
/** Query of explanations that have pages. */
export type ExplanationQuery = z.output<typeof explanationQuery>;
