import { z } from 'zod';
import {
  amount,
  currency,
  day,
  flag,
  id,
  instant,
  oneOf,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { alertEnds, alertRaised, reconciliationCounts } from '../own-events.js';
import { phrase } from '../phrase.js';
import { pageFields } from './paging.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);

/** Body of `POST …/reconciliations`; a day in Beijing. */
export const reconciliationBody = strictRecord({ day });
/** Body of `POST …/reconciliations`. */
export type ReconciliationBody = z.output<typeof reconciliationBody>;

/** The classes of a difference. */
export const differenceClass = oneOf([
  'missing-at-alipay',
  'missing-here',
  'unknown-transfer-out',
  'amount-differs',
  'status-differs',
  'duplicate',
  'order-without-entries',
  'entries-do-not-add-up',
  'next-day',
]);
/** The classes of a difference. */
export type DifferenceClass = z.output<typeof differenceClass>;

const differenceState = oneOf(['open', 'explained', 'corrected', 'cleared']);

/** What one side has and the other lacks or states otherwise. */
export const difference = record({
  differenceId: text(100),
  class: differenceClass,
  amount: signedAmount,
  currency,
  /** The evidence of our books, null where they have none. */
  ours: z.unknown(),
  /** The evidence of the other side (Alipay, the order system), null where it has none. */
  theirs: z.unknown(),
  subject: record({ type: text(64), id: text(256) }),
  state: differenceState,
  /** The Beijing day in whose comparison it was last told. */
  day,
  openedAt: instant,
  /** Whole days that it was, or has been, open. */
  ageDays: count,
  /** What to do about it. */
  suggestion: text(1000),
  suggestionZh: text(1000),
  /** Who closed it and who agreed; null while it is open, and for what has cleared by itself. */
  closed: record({
    by: text(200),
    approvedBy: text(200),
    at: instant,
    reason: text(1000),
  }).nullable(),
});
/** What one side has and the other lacks or states otherwise. */
export type Difference = z.output<typeof difference>;

/** A day compared with Alipay's bill. */
export const reconciliation = record({
  day,
  state: oneOf(['running', 'done']),
  counts: reconciliationCounts,
  balance: record({ ledger: signedAmount, alipay: signedAmount, difference: signedAmount }),
  /**
   * Orders with an Alipay trade of which something was told on the day or moved on it: of `settled` ones what
   * the buyer paid and got back is in the bills, so that they leave nothing on `clearing`; of `waiting` ones
   * no bill can tell; `open` ones leave `amount` (CNY), and are told as differences.
   */
  clearing: record({
    orders: count,
    settled: count,
    waiting: count,
    open: count,
    amount: signedAmount,
  }),
  /** At most 10,000: the rest is in `GET …/differences`. */
  differences: z.array(difference),
  /** Alipay's file, kept byte for byte; null before there is one. */
  bill: record({
    sha256: text(64),
    bytes: count,
    lines: count,
    /** Why the file is not believed; null for one that is. */
    problem: text(1000).nullable(),
  }).nullable(),
  /** What it waits for, in words; null while it works and when it is done. */
  waitsFor: text(1000).nullable(),
});
/** A day compared with Alipay's bill. */
export type Reconciliation = z.output<typeof reconciliation>;

/** Answer of `POST …/reconciliations/account-log`: what a look at Alipay's account log came to. */
export const accountLogLook = record({
  /** Up to where the present Beijing day has been looked at. */
  until: instant,
  movements: count,
  /** Differences seen in it, those that stood already included. */
  found: count,
});
/** What a look at Alipay's account log came to. */
export type AccountLogLook = z.output<typeof accountLogLook>;

const paidAndBack = record({ paid: amount, refunded: amount });

/** What an order leaves on `clearing`: nothing, once it is completed and seen in the bills. */
export const orderClearing = record({
  orderId: id,
  /** Null for an order that was not paid by Alipay, as far as was told: its money never was on `clearing`. */
  alipayTradeNo: text(64).nullable(),
  /** settled: nothing is left; waiting: no bill can tell yet; open: a difference; outside: without a trade. */
  state: oneOf(['settled', 'waiting', 'open', 'outside']),
  /** The last Beijing day of which a bill was read; null before the first. */
  billedUntil: day.nullable(),
  /** Orders of the same trade, this one included; at most 20. */
  orderIds: z.array(id),
  currency,
  /** As the topics told of all orders of the trade, up to then. */
  told: paidAndBack,
  /** As the bills have it. */
  billed: paidAndBack,
  /** Paid less refunded, as told less as billed. */
  clearing: signedAmount,
});
/** What an order leaves on `clearing`. */
export type OrderClearing = z.output<typeof orderClearing>;

/** Answer 202 of `POST …/reconciliations`. */
export const reconciliationBegun = record({ day, state: oneOf(['running', 'done']) });
/** Answer 202 of `POST …/reconciliations`. */
export type ReconciliationBegun = z.output<typeof reconciliationBegun>;

/** Query of `GET …/ledger/trial-balance`; the clock's now where `at` is absent. */
export const trialBalanceQuery = strictRecord({ at: instant.optional() });
/** Query of `GET …/ledger/trial-balance`. */
export type TrialBalanceQuery = z.output<typeof trialBalanceQuery>;

/** Every account of a shop; `balance` is debit − credit. */
export const trialBalance = record({
  at: instant,
  balanced: flag,
  currencies: z.array(
    record({
      currency,
      debit: amount,
      credit: amount,
      accounts: z.array(
        record({ account: text(300), debit: amount, credit: amount, balance: signedAmount }),
      ),
    }),
  ),
});
/** Every account of a shop. */
export type TrialBalance = z.output<typeof trialBalance>;

/** Query of `GET …/differences`. */
export const differenceQuery = strictRecord({ state: differenceState.optional(), ...pageFields });
/** Query of `GET …/differences`. */
export type DifferenceQuery = z.output<typeof differenceQuery>;

/** Body of `POST …/differences/{differenceId}/close`: it wants a second person. */
export const closeDifferenceBody = strictRecord({
  /** explained: the shop owner's own doing; corrected: a payee's balance was adjusted for it. */
  as: oneOf(['explained', 'corrected']),
  reason: text(1000, 1),
});
/** Body of `POST …/differences/{differenceId}/close`. */
export type CloseDifferenceBody = z.output<typeof closeDifferenceBody>;

const blockNumber = phrase('is not a block number', '不是区块号');

/** Query of `GET …/ledger/verify`; from the first block where `fromBlock` is absent. */
export const ledgerVerifyQuery = strictRecord({
  fromBlock: z
    .string({ error: blockNumber })
    .regex(/^(0|[1-9][0-9]{0,14})$/, { error: blockNumber })
    .transform(Number)
    .optional(),
});
/** Query of `GET …/ledger/verify`. */
export type LedgerVerifyQuery = z.output<typeof ledgerVerifyQuery>;

/** What a verification of the journal found. */
export const ledgerVerification = record({
  ok: flag,
  blocks: count,
  facts: count,
  head: record({ block: count, hash: text(128), sealedAt: instant }).nullable(),
  firstBad: record({
    block: count.nullable(),
    table: text(200),
    key: text(1000),
    why: text(2000),
  }).nullable(),
  /** Where the next call goes on; null at the end. */
  nextBlock: count.nullable(),
});
/** What a verification of the journal found. */
export type LedgerVerification = z.output<typeof ledgerVerification>;

/** An alert as the API shows one: the event that raised it and, once over, its end. */
export const alert = alertRaised.extend({
  ends: alertEnds,
  resolvedAt: instant.nullable(),
  /** Who has looked, and what they say of it; null while nobody has. */
  acknowledged: record({ by: text(200), at: instant, reason: text(1000) }).nullable(),
});
/** An alert as the API shows one. */
export type Alert = z.output<typeof alert>;

/** Query of `GET …/alerts`. */
export const alertQuery = strictRecord({
  state: oneOf(['raised', 'resolved']).optional(),
  acknowledged: oneOf(['true', 'false']).optional(),
  ...pageFields,
});
/** Query of `GET …/alerts`. */
export type AlertQuery = z.output<typeof alertQuery>;
