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

/** What a payee is paid, and what is withheld with it (代扣代缴); nothing where the shop withholds none. */
export interface TaxedAmount extends PayeeAmount {
  readonly withheldMinor: Minor;
}

/** A statement was issued: what was owed is now on its way, but for what is owed to the tax office. */
export function statementIssuedLegs(fact: TaxedAmount): readonly LedgerLeg[] {
  const { kind, payeeId, amountMinor, withheldMinor } = positive(fact);
  return [
    { account: payableAccount(kind, payeeId), amountMinor: minor(amountMinor + withheldMinor) },
    { account: 'payout-in-transit', amountMinor: minor(-amountMinor) },
    ...taxLeg(minor(-withheldMinor)),
  ];
}

/** A payout succeeded: the money has left the shop's Alipay account. */
export function payoutSucceededLegs(amountMinor: Minor): readonly LedgerLeg[] {
  return move('payout-in-transit', 'alipay-cash', amountMinor);
}

/** A payout failed or was cancelled: what was on its way is owed again, and its tax with it (give-back). */
export function payoutGivenBackLegs(fact: TaxedAmount): readonly LedgerLeg[] {
  return owedAgain('payout-in-transit', fact);
}

/** A payout that had succeeded came back: the cash is here, and it is owed again with its tax (give-back). */
export function payoutReturnedLegs(fact: TaxedAmount): readonly LedgerLeg[] {
  return owedAgain('alipay-cash', fact);
}

/** The shop's owner has paid the tax office what was withheld. */
export function taxPaidLegs(amountMinor: Minor): readonly LedgerLeg[] {
  return move('payable:tax', 'owner', amountMinor);
}

function owedAgain(
  from: 'payout-in-transit' | 'alipay-cash',
  fact: TaxedAmount,
): readonly LedgerLeg[] {
  const { kind, payeeId, amountMinor, withheldMinor } = positive(fact);
  return [
    { account: from, amountMinor },
    { account: payableAccount(kind, payeeId), amountMinor: minor(-amountMinor - withheldMinor) },
    ...taxLeg(withheldMinor),
  ];
}

/** None where nothing is withheld: books of shops that withhold nothing have no such account. */
function taxLeg(amountMinor: Minor): readonly LedgerLeg[] {
  return amountMinor === 0n ? [] : [{ account: 'payable:tax', amountMinor }];
}

function positive(fact: TaxedAmount): TaxedAmount {
  invariant(fact.amountMinor > 0n, 'what is moved is more than nothing');
  invariant(fact.withheldMinor >= 0n, 'no tax is less than nothing');
  return fact;
}

/** Debits one account and credits another. @throws InvariantError unless the amount is positive. */
function move(debit: string, credit: string, amountMinor: Minor): readonly LedgerLeg[] {
  invariant(amountMinor > 0n, 'what is moved is more than nothing');
  return [
    { account: debit, amountMinor },
    { account: credit, amountMinor: minor(-amountMinor) },
  ];
}
