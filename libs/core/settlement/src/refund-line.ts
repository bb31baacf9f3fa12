import { invariant, minor, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import type { Chain } from './chain.js';
import { accountOf, lineAmounts, type LineAmount, type OrderItem } from './accrue-order.js';
import type { LedgerLeg, PlainAccount } from './ledger.js';
import { splitLine, type LineSplit } from './split-line.js';

/** What one line of an order looks like and what was refunded of it so far. */
export interface RefundableLine {
  readonly item: OrderItem;
  readonly chain: Chain;
  readonly hasTrade: boolean;
  /** Refunded before, to the buyer and of the subsidy. */
  readonly refundedAmountMinor: Minor;
  readonly refundedSubsidyMinor: Minor;
}

/** What is taken back now; negative where a refund is reversed. */
export interface LineRefund {
  readonly amountMinor: Minor;
  readonly subsidyMinor: Minor;
}

export interface RefundedLine {
  /**
   * new − old of every party that changes, the platform's fee included; adds up to −(amount +
   * subsidy).
   */
  readonly differences: readonly LineAmount[];
  readonly legs: readonly LedgerLeg[];
  /** The greatest cut of one share of what is left. */
  readonly cappedMinor: Minor;
}

/**
 * Splits a line anew on what is left of it and says what changes for whom (domain.md 5). The plan
 * is the version the order is bound to, so splitting the old base again gives what was owed so far.
 *
 * Returns undefined when more is refunded than is left of a part (or given back than was refunded):
 * such a refund is refused as a whole.
 */
export function refundLine(
  line: RefundableLine,
  refund: LineRefund,
  plan: Plan,
): RefundedLine | undefined {
  const { item, chain } = line;
  const paidMinor = minor(item.amountMinor + item.subsidyMinor);
  const leftAmount = item.amountMinor - line.refundedAmountMinor;
  const leftSubsidy = item.subsidyMinor - line.refundedSubsidyMinor;
  const newAmount = leftAmount - refund.amountMinor;
  const newSubsidy = leftSubsidy - refund.subsidyMinor;
  if (newAmount < 0n || newAmount > item.amountMinor) return undefined;
  if (newSubsidy < 0n || newSubsidy > item.subsidyMinor) return undefined;
  const splitOf = (base: bigint): LineSplit =>
    splitLine({ baseMinor: minor(base), paidMinor, kind: item.kind }, chain, plan);
  const before = lineAmounts(splitOf(leftAmount + leftSubsidy), item.supplierId, plan);
  const split = splitOf(newAmount + newSubsidy);
  const differences: LineAmount[] = [];
  for (const [index, owed] of lineAmounts(split, item.supplierId, plan).entries()) {
    const old = before[index];
    invariant(old !== undefined && old.level === owed.level, 'parties do not depend on the base');
    const amountMinor = minor(owed.amountMinor - old.amountMinor);
    if (amountMinor !== 0n) differences.push({ ...owed, amountMinor });
  }
  const legs = refundLegs(differences, refund, line.hasTrade);
  return { differences, legs, cappedMinor: split.cappedMinor };
}

function refundLegs(
  differences: readonly LineAmount[],
  refund: LineRefund,
  hasTrade: boolean,
): readonly LedgerLeg[] {
  const legs: LedgerLeg[] = differences.map((owed) => ({
    account: accountOf(owed),
    amountMinor: minor(-owed.amountMinor),
  }));
  const move = (debit: PlainAccount, credit: PlainAccount, amountMinor: bigint): void => {
    if (amountMinor === 0n) return;
    legs.push({ account: debit, amountMinor: minor(amountMinor) });
    legs.push({ account: credit, amountMinor: minor(-amountMinor) });
  };
  const whole = refund.amountMinor + refund.subsidyMinor;
  if (whole !== 0n) legs.push({ account: 'clearing', amountMinor: minor(-whole) });
  move('clearing', 'expense:subsidy', refund.subsidyMinor);
  if (!hasTrade) move('clearing', 'owner', refund.amountMinor);
  const sum = legs.reduce((total, leg) => total + leg.amountMinor, 0n);
  invariant(sum === 0n, 'the legs of a refund must add up to nothing');
  return legs;
}
