import { invariant, minor, type Minor } from '@qingfen/money';
import type { PartKind } from '@qingfen/core-plan';

/**
 * One leg of a posting. Debits are positive, credits negative; the legs of one fact add up to 0.
 * Accounts are those of domain.md 8, per shop and currency.
 */
export interface LedgerLeg {
  readonly account: string;
  readonly amountMinor: Minor;
}

/** The shop's accounts that name no payee. */
export type PlainAccount =
  | 'clearing'
  | 'alipay-cash'
  | 'owner'
  | 'revenue:platform-fee'
  | 'revenue:own-goods'
  | 'expense:team-reward'
  | 'expense:alipay-fee'
  | 'expense:adjustment'
  | 'expense:bad-debt'
  | 'expense:subsidy'
  | 'payout-in-transit'
  | 'payable:tax'
  | 'suspense';

/** What a shop owes a payee of one kind. */
export function payableAccount(kind: PartKind, payeeId: string): string {
  return `payable:${kind}:${payeeId}`;
}

/** What a team was rewarded and no leader was stated yet; `#` begins no payee's id. */
export function teamAccount(teamId: string): string {
  return `payable:team-reward:#${teamId}`;
}

/** What a payee owes back after a recovery was demanded. */
export function receivableAccount(payeeId: string): string {
  return `receivable:${payeeId}`;
}

/** Money that a fact moves between the shop and one payee of one kind; greater than zero. */
export interface PayeeAmount {
  readonly kind: PartKind;
  readonly payeeId: string;
  readonly amountMinor: Minor;
}

/** A statement was issued: what was owed is now on its way. `amountMinor` is its net. */
export function statementIssuedLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return move(payableAccount(fact.kind, fact.payeeId), 'payout-in-transit', fact.amountMinor);
}

/** A payout succeeded: the money has left the shop's Alipay account. */
export function payoutSucceededLegs(amountMinor: Minor): readonly LedgerLeg[] {
  return move('payout-in-transit', 'alipay-cash', amountMinor);
}

/** A payout failed or was cancelled: what was on its way is owed again (give-back). */
export function payoutGivenBackLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return move('payout-in-transit', payableAccount(fact.kind, fact.payeeId), fact.amountMinor);
}

/** A payout that had succeeded came back: the cash is here and it is owed again (give-back). */
export function payoutReturnedLegs(fact: PayeeAmount): readonly LedgerLeg[] {
  return move('alipay-cash', payableAccount(fact.kind, fact.payeeId), fact.amountMinor);
}

/** Debits one account and credits another. @throws InvariantError unless the amount is positive. */
function move(debit: string, credit: string, amountMinor: Minor): readonly LedgerLeg[] {
  invariant(amountMinor > 0n, 'what is moved is more than nothing');
  return [
    { account: debit, amountMinor },
    { account: credit, amountMinor: minor(-amountMinor) },
  ];
}
