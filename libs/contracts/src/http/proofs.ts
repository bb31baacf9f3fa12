import { z } from 'zod';
import {
  amount,
  currency,
  day,
  flag,
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

/** What one side has and the other lacks or states otherwise. */
export const difference = record({
  differenceId: text(100),
  class: differenceClass,
  amount: signedAmount,
  currency,
  /** The evidence of our books, null where they have none. */
  ours: z.unknown(),
  /** The evidence of Alipay's bill, null where it has none. */
  theirs: z.unknown(),
  subject: record({ type: text(64), id: text(256) }),
  state: oneOf(['open', 'explained', 'corrected', 'cleared']),
});
/** What one side has and the other lacks or states otherwise. */
export type Difference = z.output<typeof difference>;

/** A day compared with Alipay's bill. */
export const reconciliation = record({
  day,
  state: oneOf(['running', 'done']),
  counts: reconciliationCounts,
  balance: record({ ledger: signedAmount, alipay: signedAmount, difference: signedAmount }),
  differences: z.array(difference),
});
/** A day compared with Alipay's bill. */
export type Reconciliation = z.output<typeof reconciliation>;

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
