import { dayMs, fenOf } from '@qingfen/testing';
import { Big } from 'big.js';

import type { Line } from './orders.js';
import type { ShopTerms, TeamTier } from './terms.js';

/** A team's reward of one run. */
export interface Reward {
  readonly teamId: string;
  readonly fen: bigint;
  /** What it was computed on, with what was carried. */
  readonly performanceFen: bigint;
}

/** What teams have achieved, run by run (domain.md 6, Team reward). */
export class Teams {
  readonly #terms: ShopTerms;
  readonly #counted = new Map<Line, bigint>();
  readonly #carried = new Map<string, bigint>();

  constructor(terms: ShopTerms) {
    this.#terms = terms;
  }

  /** Counts what has changed since the last run; rewards of zero are left out. */
  rewards(lines: readonly Line[], cutoffMs: number): readonly Reward[] {
    const sums = new Map(this.#carried);
    for (const line of lines) {
      const { teamId } = line.order;
      if (teamId === undefined) continue;
      const closesMs = line.completedMs + this.#terms.returnWindowDays * dayMs;
      const before = this.#counted.get(line);
      if (before === undefined && closesMs >= cutoffMs) continue;
      this.#counted.set(line, line.baseFen);
      sums.set(teamId, (sums.get(teamId) ?? 0n) + line.baseFen - (before ?? 0n));
    }
    this.#carried.clear();
    const rewards: Reward[] = [];
    for (const [teamId, performanceFen] of sums) {
      // A debt goes on into the next period; what reached no tier is spent.
      if (performanceFen < 0n) this.#carried.set(teamId, performanceFen);
      const fen = rewardOf(this.#terms.teamTiers, performanceFen);
      if (fen > 0n) rewards.push({ teamId, fen, performanceFen });
    }
    return rewards;
  }
}

/** The tier reached prices the whole performance; rounded once, half-up. */
function rewardOf(tiers: readonly TeamTier[], performanceFen: bigint): bigint {
  if (performanceFen <= 0n) return 0n;
  const tier = tiers.findLast(({ from }) => performanceFen >= fenOf(from));
  if (tier === undefined) return 0n;
  const fen = new Big(String(performanceFen)).times(tier.rate).round(0, Big.roundHalfUp);
  return BigInt(fen.toFixed(0)) + fenOf(tier.fixed ?? '0');
}
