import { wayMinimum, type PayVia } from '@qingfen/core-plan';
import { invariant, minor, sumMinor, type Minor } from '@qingfen/money';
import { netStatement } from './net-statement.js';
import type { RoyaltyLeg, RoyaltySplit } from './royalty-legs.js';

/** One payout that a statement asks for. */
export interface PlannedPayout {
  readonly payVia: PayVia;
  readonly amountMinor: Minor;
  /** Which trade is split for it; only of `royalty`. */
  readonly leg: RoyaltyLeg | null;
}

/** How a statement's net is to be paid. */
export interface PayTerms {
  /** Of the plan in force at the cutoff. */
  readonly payVia: PayVia;
  /** The shop's greatest payout. */
  readonly transferMaxMinor: Minor;
  /** Its legs, where it is paid by royalty; null: there are none, and it goes by transfer. */
  readonly split: RoyaltySplit | null;
}

/**
 * Splits a statement's net into the payouts that it asks for, part 1 first; they add up to it.
 *
 * What a batch can't pay, since it is too small or the shop's greatest payout is, goes by transfer whole.
 * By royalty each leg is a payout of its own, so that each ends by itself; then comes the rest.
 *
 * @throws InvariantError for a net below what a transfer moves: nothing so small is stated.
 */
export function payStatement(netMinor: Minor, terms: PayTerms): PlannedPayout[] {
  const { payVia, transferMaxMinor, split } = terms;
  if (payVia === 'royalty' && split !== null) {
    const legs = split.legs.map((leg): PlannedPayout => {
      return { payVia, amountMinor: leg.amountMinor, leg };
    });
    const { restMinor } = split;
    const rest = restMinor === 0n ? [] : inParts(restMinor, 'transfer', transferMaxMinor);
    const payouts = [...legs, ...rest];
    const sum = sumMinor(payouts.map(({ amountMinor }) => amountMinor));
    invariant(sum === netMinor, 'legs and rest of a statement add up to its net');
    return payouts;
  }
  const leastMinor = wayMinimum.batch;
  const fits = netMinor >= leastMinor && transferMaxMinor >= 2n * leastMinor;
  return inParts(netMinor, payVia === 'batch' && fits ? 'batch' : 'transfer', transferMaxMinor);
}

function inParts(
  netMinor: Minor,
  payVia: 'transfer' | 'batch',
  transferMaxMinor: Minor,
): PlannedPayout[] {
  const net = netStatement([netMinor], {
    minPayoutMinor: minor(1n),
    transferMaxMinor,
    wayMinimumMinor: wayMinimum[payVia],
  });
  invariant(net.kind === 'stated', 'what is stated can be paid by its way');
  return net.partsMinor.map((amountMinor) => ({ payVia, amountMinor, leg: null }));
}
