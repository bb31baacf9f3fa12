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
import { explainedHold } from './explanations.js';
import { payoutState } from './money.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const said = { message: text(4000), messageZh: text(4000) };

const run = record({
  period: text(128),
  /** When it takes place: its scheduled instant, or the one that a holiday moved it to. */
  dueAt: instant,
  cutoff: instant,
});

/** Why something is owed and on no statement. */
export const unstatedReason = oneOf([
  /** Nothing of its own stands in the way: the next run takes it. */
  'next-run',
  'not-mature',
  'window-not-announced',
  'held',
  /** Taken off by the next run. */
  'owed-back',
  'team-with-two-leaders',
]);
/** Why something is owed and on no statement. */
export type UnstatedReason = z.output<typeof unstatedReason>;

/** Entries on no statement for one reason. */
export const unstatedGroup = record({
  reason: unstatedReason,
  amount: signedAmount,
  count,
  /** When the first and the last of them mature. */
  maturesFrom: instant,
  maturesUntil: instant,
  /** The first run that may take any of them; null where none is scheduled, or something else must end. */
  nextRun: run.nullable(),
  ...said,
  /** The first of them. */
  entries: list(
    record({
      entryId: text(100),
      orderId: id.nullable(),
      amount: signedAmount,
      maturesAt: instant,
      cause: text(64),
      causeId: text(256).nullable(),
    }),
    20,
  ),
  /** What holds them. */
  holds: list(explainedHold, 50),
});
/** Entries on no statement for one reason. */
export type UnstatedGroup = z.output<typeof unstatedGroup>;

/** What keeps the payee from being stated at all. */
export const payeeObstacle = record({
  reason: oneOf([
    'no-account',
    'payee-held',
    'task-missing',
    'below-minimum',
    'owes-back',
    'outside-rollout',
    'no-run',
    'runs-held',
  ]),
  ...said,
});
/** What keeps the payee from being stated at all. */
export type PayeeObstacle = z.output<typeof payeeObstacle>;

/** A payout that is under way. */
export const openPayout = record({
  payoutId: text(100),
  statementId: text(100),
  amount: positiveAmount,
  /** Null while payout has not heard of it. */
  state: payoutState.nullable(),
  reason: text(1000).nullable(),
  since: instant,
  ...said,
});
/** A payout that is under way. */
export type OpenPayout = z.output<typeof openPayout>;

/** Answer of `GET …/payees/:payeeId/why-unpaid`. */
export const whyUnpaid = record({
  shopId: id,
  payeeId: id,
  at: instant,
  hasAccount: flag,
  holds: list(explainedHold, 100),
  kinds: list(
    record({
      kind,
      currency,
      /** All that is owed and on no statement. */
      unstated: signedAmount,
      /** What the next run would take of it, and its minimum. */
      nextRun: run.nullable(),
      nextAmount: signedAmount,
      /** What of it would be withheld as tax; absent: nothing. */
      nextWithheld: amount.optional(),
      minPayout: amount.nullable(),
      willBePaid: flag,
      ...said,
      groups: list(unstatedGroup, 20),
      obstacles: list(payeeObstacle, 20),
      /** Of the runs of the kind. */
      runHolds: list(explainedHold, 20),
      payouts: list(openPayout, 100),
      /** Whether there are more payouts under way than are listed. */
      morePayouts: flag,
    }),
    100,
  ),
});
/** Answer of `GET …/payees/:payeeId/why-unpaid`. */
export type WhyUnpaid = z.output<typeof whyUnpaid>;

/** Query of `GET …/payees/:payeeId/why-unpaid`. */
export const whyUnpaidQuery = strictRecord({ kind: kind.optional() });
/** Query of `GET …/payees/:payeeId/why-unpaid`. */
export type WhyUnpaidQuery = z.output<typeof whyUnpaidQuery>;
