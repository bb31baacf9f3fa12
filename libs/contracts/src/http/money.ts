import { z } from 'zod';
import {
  amount,
  currency,
  day,
  id,
  instant,
  isAboveZero,
  kind,
  list,
  oneOf,
  payVia,
  plainAmount,
  positiveAmount,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { payoutFailure } from '../own-events.js';
import { phrase } from '../phrase.js';
import { entry } from './orders.js';
import { pageFields, payeeFilter, spanFields } from './paging.js';

/** The states of a statement. */
export const statementState = oneOf(['issued', 'paid', 'partly-paid', 'given-back']);
/** The states of a statement. */
export type StatementState = z.output<typeof statementState>;

/** What one run owes one payee, entry by entry. */
export const statement = record({
  statementId: text(100),
  shopId: id,
  payeeId: id,
  kind,
  /** The run's scheduled instant with the shop's offset, or `retry:<payoutId>`. */
  period: text(128),
  cutoff: instant,
  issuedAt: instant,
  currency,
  /** What its payouts add up to. */
  net: positiveAmount,
  /** What its entries add up to, and the tax withheld of that; absent where the shop withholds none. */
  gross: positiveAmount.optional(),
  withheld: amount.optional(),
  state: statementState,
  entries: z.array(entry),
  payoutIds: z.array(text(100)),
});
/** What one run owes one payee, entry by entry. */
export type Statement = z.output<typeof statement>;

/** Query of `GET …/statements`; `from` and `to` are of `issuedAt`. */
export const statementQuery = strictRecord({
  ...payeeFilter,
  kind: kind.optional(),
  ...spanFields,
  ...pageFields,
});
/** Query of `GET …/statements`. */
export type StatementQuery = z.output<typeof statementQuery>;

const payoutStates = [
  'requested',
  'review',
  'blocked',
  'waiting',
  'sending',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
  'returned',
] as const;

/** The states of a payout. */
export const payoutState = oneOf(payoutStates);
/** The states of a payout. */
export type PayoutState = z.output<typeof payoutState>;

/** Payouts that are given to Alipay together; each is resolved by itself. */
const payoutBatch = record({
  batchNo: text(64),
  /** How many they are, and what they add up to. */
  payouts: whole(1, 1000),
  amount: positiveAmount,
  /** Where the payer confirms it; null while there is nothing to confirm. */
  confirmUrl: text(8000).nullable(),
});

/** An instruction to Alipay to move money to one payee, and what became of it. */
export const payout = record({
  payoutId: text(100),
  statementId: text(100),
  part: whole(1, 1_000_000),
  parts: whole(1, 1_000_000),
  payeeId: id,
  kind,
  /** What is paid. */
  amount: positiveAmount,
  /** With the tax withheld, and that tax; absent where none is. */
  gross: positiveAmount.optional(),
  withheld: positiveAmount.optional(),
  currency,
  payVia,
  state: payoutState,
  /** Why it is in its state, such as "funds" of a waiting one; null where the state says all. */
  reason: text(1000).nullable(),
  outBizNo: text(64),
  /** The batch that it is one of; null: it is paid by itself. */
  batch: payoutBatch.nullable(),
  alipayOrderId: text(128).nullable(),
  failure: payoutFailure.nullable(),
  transitions: z.array(
    record({
      from: payoutState.nullable(),
      to: payoutState,
      at: instant,
      why: text(1000, 0),
      by: text(200),
    }),
  ),
  requestedAt: instant,
  /** Users who caused that it wants a decision: none of them may approve it. */
  makers: list(text(200), 10_000),
  /** Of one in review: names the payee, account, amount and number that an approver approves. */
  approvalHash: text(64).nullable(),
});
/** What approving a payout says; `hash`, where given, must be the `approvalHash` that was looked at. */
export const approvePayoutBody = strictRecord({ reason: text(1000), hash: text(64).optional() });
/** An instruction to Alipay to move money to one payee, and what became of it. */
export type Payout = z.output<typeof payout>;

/** Query of `GET …/payouts`; the state `open` is any but a final one and `succeeded`. */
export const payoutQuery = strictRecord({
  state: oneOf([...payoutStates, 'open']).optional(),
  ...payeeFilter,
  ...pageFields,
});
/** Query of `GET …/payouts`. */
export type PayoutQuery = z.output<typeof payoutQuery>;

/** What a payee has and is owed, of one kind and currency; every amount ≥ 0. */
export const balance = record({
  payeeId: id,
  kind,
  currency,
  accrued: amount,
  matured: amount,
  held: amount,
  inPayout: amount,
  paid: amount,
  owedBack: amount,
  /** The tax withheld with what is in payouts and paid; absent where none is. */
  withheld: amount.optional(),
});
/** What a payee has and is owed, of one kind and currency. */
export type Balance = z.output<typeof balance>;

/** Query of `GET …/balances`. */
export const balanceQuery = strictRecord({
  ...payeeFilter,
  kind: kind.optional(),
  ...pageFields,
});
/** Query of `GET …/balances`. */
export type BalanceQuery = z.output<typeof balanceQuery>;

const notNothing = phrase('is not an amount other than zero', '金额不能为零');

/** Body of `POST …/adjustments`. */
export const adjustmentBody = strictRecord({
  payeeId: id,
  kind,
  /** In the payee's favour; a negative one is against. */
  amount: signedAmount.refine(isAboveZero, { error: notNothing }),
  reason: text(1000),
  orderId: id.optional(),
});
/** Body of `POST …/adjustments`. */
export type AdjustmentBody = z.output<typeof adjustmentBody>;

/** An adjustment that was booked. */
export const adjustment = record({
  adjustmentId: text(100),
  entryId: text(100),
  payeeId: id,
  kind,
  amount: signedAmount,
  currency,
  reason: text(1000),
  orderId: id.nullable(),
  by: text(200),
  at: instant,
});
/** An adjustment that was booked. */
export type Adjustment = z.output<typeof adjustment>;

const moveEnd = strictRecord({ payeeId: id, kind });

/** Body of `POST …/moves`: what is owed under one kind or to one payee is owed under another. */
export const moveBody = strictRecord({
  from: moveEnd,
  to: moveEnd,
  amount: plainAmount.refine(isAboveZero, { error: notNothing }),
  reason: text(1000),
});
/** Body of `POST …/moves`. */
export type MoveBody = z.output<typeof moveBody>;

/** A move that was booked: two adjustments that add up to nothing. */
export const move = record({ from: adjustment, to: adjustment });
/** A move that was booked. */
export type Move = z.output<typeof move>;

/** Body of `POST …/opening-balances`: what was owed, or owed back, before Qingfen took over. */
export const openingBalancesBody = strictRecord({
  items: list(
    strictRecord({
      payeeId: id,
      kind,
      /** Owed to the payee; a negative one is owed back. */
      amount: signedAmount.refine(isAboveZero, { error: notNothing }),
    }),
    1000,
    1,
  ),
  reason: text(1000),
});
/** Body of `POST …/opening-balances`. */
export type OpeningBalancesBody = z.output<typeof openingBalancesBody>;

/** Body of `POST …/recoveries`; an amount above the debt is refused. */
export const recoveryBody = strictRecord({
  payeeId: id,
  kind,
  amount: plainAmount.refine(isAboveZero, { error: notNothing }),
  reason: text(1000),
});
/** Body of `POST …/recoveries`. */
export type RecoveryBody = z.output<typeof recoveryBody>;

/** A debt that is asked back apart from the runs. */
export const recovery = record({
  recoveryId: text(100),
  payeeId: id,
  kind,
  amount: positiveAmount,
  currency,
  reason: text(1000),
  state: oneOf(['demanded', 'received', 'written-off', 'withdrawn']),
  by: text(200),
  at: instant,
});
/** A debt that is asked back apart from the runs. */
export type Recovery = z.output<typeof recovery>;

/** Answer 202 of what wants a second person. */
export const approvalWanted = record({
  approvalId: text(100),
  /** What is to be approved, such as "payout" or "adjustment". */
  wants: text(100),
  summary: text(4000),
  /** What the approver approves: payee, account, amount and number. */
  hash: text(128),
  expiresAt: instant,
});
/** Answer 202 of what wants a second person. */
export type ApprovalWanted = z.output<typeof approvalWanted>;

/** Something that waits, or waited, for a second person. */
export const approval = approvalWanted.extend({
  shopId: id,
  state: oneOf(['open', 'approved', 'rejected', 'expired']),
  makers: list(text(200), 100),
  requestedAt: instant,
  decidedBy: text(200).nullable(),
  decidedAt: instant.nullable(),
  reason: text(1000).nullable(),
});
/** Something that waits, or waited, for a second person. */
export type Approval = z.output<typeof approval>;

/** What falls due on the coming days against what the Alipay account holds; amounts of CNY. */
export const forecast = record({
  currency,
  asOf: instant,
  /** Null: Alipay does not tell, or the shop has no credentials. */
  balance: amount.nullable(),
  /** Payouts that are asked for and not final. */
  open: amount,
  days: z.array(
    record({
      day,
      /** What the day's runs state, of what is booked by now. */
      due: amount,
      /** What the account then holds if nothing comes in; negative where it falls short. */
      left: signedAmount.nullable(),
    }),
  ),
  /** The first day that the balance does not cover. */
  shortOn: day.nullable(),
  /** What must come in for all of them to be covered. */
  missing: amount,
});
/** What falls due on the coming days against what the Alipay account holds. */
export type Forecast = z.output<typeof forecast>;
