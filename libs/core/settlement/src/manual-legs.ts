import { invariant, minor, type Minor } from '@qingfen/money';
import { payableAccount, receivableAccount, type LedgerLeg, type PayeeAmount } from './ledger.js';

// What people book by hand (domain.md 8). Amounts of adjustments, openings and settlements outside
// may be of either sign: a negative one is the same fact the other way round.

/** An adjustment: in the payee's favour where positive, against where negative. */
export function adjustmentLegs({ kind, payeeId, amountMinor }: PayeeAmount): readonly LedgerLeg[] {
  return move('expense:adjustment', payableAccount(kind, payeeId), amountMinor);
}

/**
 * What was owed (positive) or owed back (negative) before Qingfen took over: its counterpart is the
 * shop owner's current account, as of money that is settled outside.
 */
export function openingLegs({ kind, payeeId, amountMinor }: PayeeAmount): readonly LedgerLeg[] {
  return move('owner', payableAccount(kind, payeeId), amountMinor);
}

/** Entries that were settled elsewhere: no longer payable, paid by the shop's owner. */
export function settledOutsideLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return move(payableAccount(fact.kind, fact.payeeId), 'owner', fact.amountMinor);
}

/** A debt is demanded apart from the runs: from `payable` to `receivable`. */
export function recoveryDemandedLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return positive(
    receivableAccount(fact.payeeId),
    payableAccount(fact.kind, fact.payeeId),
    fact.amountMinor,
  );
}

/** The demand is taken back: the debt is netted by runs again. */
export function recoveryWithdrawnLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return positive(
    payableAccount(fact.kind, fact.payeeId),
    receivableAccount(fact.payeeId),
    fact.amountMinor,
  );
}

/** The payee has paid the shop's owner what was demanded. */
export function recoveryReceivedLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return positive('owner', receivableAccount(fact.payeeId), fact.amountMinor);
}

/** What was demanded will not come. */
export function recoveryWrittenOffLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return positive('expense:bad-debt', receivableAccount(fact.payeeId), fact.amountMinor);
}

function positive(debit: string, credit: string, amountMinor: Minor): readonly LedgerLeg[] {
  invariant(amountMinor > 0n, 'a recovery is of more than nothing');
  return move(debit, credit, amountMinor);
}

/** @throws InvariantError for an amount of zero, which is no fact. */
function move(debit: string, credit: string, amountMinor: Minor): readonly LedgerLeg[] {
  invariant(amountMinor !== 0n, 'what is booked by hand is not nothing');
  return [
    { account: debit, amountMinor },
    { account: credit, amountMinor: minor(-amountMinor) },
  ];
}
