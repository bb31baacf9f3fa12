import { minor, ZERO, type Minor } from '@qingfen/money';
import { isInAudience, type RunAudience } from './runs-due.js';

/** A run to come of one kind, as far as what it will pay is concerned. */
export interface ComingDue {
  /** The shop's day on which it takes place: `2026-01-05`. */
  readonly day: string;
  readonly cutoff: Date;
  readonly minPayoutMinor: Minor;
  readonly audience: RunAudience;
}

/** What a payee is owed of one kind and is on no statement, in sums by {@link slotOf slots}. */
export interface OwedSlots {
  readonly payeeId: string;
  readonly slots: readonly { readonly slot: number; readonly amountMinor: bigint }[];
}

/** The cutoffs of runs, each once, the earliest first: slot i is what cutoff i takes and i − 1 does not. */
export function slotsOf(runs: readonly ComingDue[]): readonly Date[] {
  const instants = new Set(runs.map(({ cutoff }) => cutoff.getTime()));
  return [...instants].sort((a, b) => a - b).map((at) => new Date(at));
}

/**
 * What each day's runs will pay if nothing else happens, in minor units: a run takes all that has matured
 * before its cutoff of the payees that it is for, and leaves what is below the least payout to a later one.
 * `runs` are in the order in which they take place. Days without anything are left out.
 */
export function foreseeDues(
  runs: readonly ComingDue[],
  owed: Iterable<OwedSlots>,
): ReadonlyMap<string, Minor> {
  const cutoffs = slotsOf(runs).map((at) => at.getTime());
  const last = new Map(cutoffs.map((at, slot) => [at, slot]));
  const days = new Map<string, Minor>();
  for (const { payeeId, slots } of owed) {
    const left = new Map(slots.map(({ slot, amountMinor }) => [slot, amountMinor]));
    for (const run of runs) {
      if (!isInAudience(run.audience, payeeId)) continue;
      const until = last.get(run.cutoff.getTime()) ?? -1;
      const taken = [...left].filter(([slot]) => slot <= until);
      const net = taken.reduce((sum, [, amount]) => sum + amount, 0n);
      if (net < 1n || net < run.minPayoutMinor) continue;
      for (const [slot] of taken) left.delete(slot);
      days.set(run.day, minor((days.get(run.day) ?? ZERO) + net));
    }
  }
  return days;
}
