import { z } from 'zod';
import {
  amount,
  currency,
  id,
  instant,
  kind,
  oneOf,
  positiveAmount,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { pageFields, payeeFilter, spanFields } from './paging.js';

/** A run of one kind. */
export const run = record({
  kind,
  currency,
  period: text(128),
  scheduledAt: instant,
  cutoff: instant,
  planVersion: whole(1, 1_000_000_000),
  /** `held`: due, and a person holds the kind; `skipped`: the rollout was off. */
  state: oneOf(['due', 'held', 'executing', 'done', 'skipped']),
  /** How the kind was rolled out when the run began; null before. */
  rollout: oneOf(['off', 'dry-run', 'pilot', 'percentage', 'all']).nullable(),
  statements: whole(0, 1_000_000_000),
  stated: amount,
  /** Payees whose money was carried. */
  carried: whole(0, 1_000_000_000),
  finishedAt: instant.nullable(),
});
/** A run of one kind. */
export type RunView = z.output<typeof run>;

/** Query of `GET …/runs`; `from` and `to` are of `scheduledAt`. */
export const runQuery = strictRecord({ kind: kind.optional(), ...spanFields, ...pageFields });
/** Query of `GET …/runs`. */
export type RunQuery = z.output<typeof runQuery>;

/** Whether a person holds the runs of a kind. */
export const runHold = record({ kind, holds: z.array(text(64)) });
/** Whether a person holds the runs of a kind. */
export type RunHold = z.output<typeof runHold>;

/** What a run would have stated to a payee that the rollout leaves outside; nothing was booked or sent. */
export const trialStatement = record({
  shopId: id,
  payeeId: id,
  kind,
  period: text(128),
  currency,
  /** All that was open, as one statement. */
  net: positiveAmount,
  /** Of it what had matured since the run before: what another system paid for this period. */
  netOfPeriod: signedAmount,
  entryCount: whole(1, 1_000_000_000),
  /** The payee's own number: it comes inside with a percentage above it. */
  rolloutNumber: whole(0, 99),
});
/** What a run would have stated to a payee that the rollout leaves outside. */
export type TrialStatement = z.output<typeof trialStatement>;

/** Query of `GET …/trial-statements`; `from` and `to` are of the run's scheduled instant. */
export const trialStatementQuery = strictRecord({
  ...payeeFilter,
  kind: kind.optional(),
  ...spanFields,
  ...pageFields,
});
/** Query of `GET …/trial-statements`. */
export type TrialStatementQuery = z.output<typeof trialStatementQuery>;
