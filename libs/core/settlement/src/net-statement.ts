import { invariant, minor, sumMinor, type Minor } from '@qingfen/money';

export interface StatementTerms {
  /** Of the plan in force at the cutoff. */
  readonly minPayoutMinor: Minor;
  /** The shop's greatest payout. */
  readonly transferMaxMinor: Minor;
  /** The least that the way can pay: 0.10 by transfer. */
  readonly wayMinimumMinor: Minor;
}

export type NetStatement =
  | { readonly kind: 'carried'; readonly netMinor: Minor }
  | {
      readonly kind: 'stated';
      readonly netMinor: Minor;
      /** One payout each, part 1 first; they add up to the net. */
      readonly partsMinor: readonly Minor[];
    };

/**
 * Nets what a payee is owed of one kind and decides whether it is stated now (domain.md 6).
 * `sumsMinor` are the entries' amounts, or sums of some of them; negatives count.
 *
 * What is stated is asked for in as few payouts as the greatest one allows: full parts first, the
 * rest last; a rest under the way's minimum gets what it lacks from the part before.
 *
 * @throws InvariantError when the greatest payout is less than twice the way's minimum: no shop may
 * be so.
 */
export function netStatement(sumsMinor: Iterable<Minor>, terms: StatementTerms): NetStatement {
  const netMinor = sumMinor(sumsMinor);
  const { minPayoutMinor, transferMaxMinor, wayMinimumMinor } = terms;
  if (netMinor <= 0n || netMinor < minPayoutMinor || netMinor < wayMinimumMinor) {
    return { kind: 'carried', netMinor };
  }
  return {
    kind: 'stated',
    netMinor,
    partsMinor: partsOf(netMinor, transferMaxMinor, wayMinimumMinor),
  };
}

function partsOf(netMinor: Minor, maxMinor: Minor, wayMinimumMinor: Minor): readonly Minor[] {
  invariant(
    maxMinor > 0n && maxMinor >= 2n * wayMinimumMinor,
    'the greatest payout leaves room for the least one twice',
  );
  const parts: Minor[] = [];
  let rest: bigint = netMinor;
  while (rest > maxMinor) {
    parts.push(maxMinor);
    rest -= maxMinor;
  }
  const before = parts.at(-1);
  if (before !== undefined && rest < wayMinimumMinor) {
    parts[parts.length - 1] = minor(before - (wayMinimumMinor - rest));
    rest = wayMinimumMinor;
  }
  parts.push(minor(rest));
  invariant(sumMinor(parts) === netMinor, 'the parts of a statement add up to its net');
  return parts;
}
