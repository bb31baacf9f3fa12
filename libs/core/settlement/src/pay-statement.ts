import { wayMinimum, type PayVia } from '@qingfen/core-plan';
import { invariant, minor, type Minor } from '@qingfen/money';
import { netStatement } from './net-statement.js';

/** One payout that a statement asks for. */
export interface PlannedPayout {
  readonly payVia: PayVia;
  readonly amountMinor: Minor;
}

/** How a statement's net is to be paid. */
export interface PayTerms {
  /** Of the plan in force at the cutoff. */
  readonly payVia: PayVia;
  /** The shop's greatest payout. */
  readonly transferMaxMinor: Minor;
}

/**
 * Splits a statement's net into the payouts that it asks for, part 1 first; they add up to it.
 *
 * What a batch can't pay, since it is too small or the shop's greatest payout is, goes by transfer whole.
 *
 * @throws InvariantError for a net below what a transfer moves: nothing so small is stated.
 */
export function payStatement(
  netMinor: Minor,
  { payVia, transferMaxMinor }: PayTerms,
): PlannedPayout[] {
  const leastMinor = wayMinimum[payVia];
  const fits = netMinor >= leastMinor && transferMaxMinor >= 2n * leastMinor;
  const way = fits ? payVia : 'transfer';
  const net = netStatement([netMinor], {
    minPayoutMinor: minor(1n),
    transferMaxMinor,
    wayMinimumMinor: wayMinimum[way],
  });
  invariant(net.kind === 'stated', 'what is stated can be paid by its way');
  return net.partsMinor.map((amountMinor) => ({ payVia: way, amountMinor }));
}
