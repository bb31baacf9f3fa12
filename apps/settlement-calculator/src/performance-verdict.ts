import type { Plan } from '@qingfen/core-plan';
import { teamReward } from '@qingfen/core-settlement';
import { formatAmount, invariant, minor } from '@qingfen/money';
import type { Difference } from './order-verdict.js';
import type { PerformanceFact } from './performance.store.js';

/** A team's reward of one run, recomputed. */
export interface PerformanceVerdict {
  readonly countedMinor: bigint;
  readonly carriedMinor: bigint;
  readonly performanceMinor: bigint;
  readonly rewardMinor: bigint;
  readonly differences: readonly Difference[];
}

/** Recomputes a team's reward from what was counted and carried, and compares it with what is booked. */
export function judgePerformance(fact: PerformanceFact, plan: Plan): PerformanceVerdict {
  const { teamReward: part } = plan;
  invariant(part !== undefined, 'a run of team rewards has their tiers');
  // A performance below zero is taken into the next period; one above is spent, whatever it reached.
  const before = fact.before_minor ?? 0n;
  const carriedMinor = before < 0n ? before : 0n;
  const isKept = fact.batch_id !== null;
  const countedMinor = isKept ? fact.counted_minor : fact.performance_minor - carriedMinor;
  const result = teamReward({ changeMinor: countedMinor, carriedMinor }, part, plan.rounding);
  const { performanceMinor, rewardMinor } = result;
  const differences: Difference[] = [];
  const differ = (what: string, expected: string, booked: string): void => {
    if (expected === booked) return;
    const subject = { type: 'team', id: `${fact.team_id}:${fact.period}` } as const;
    const about = `reward of team ${fact.team_id} in ${fact.period}`;
    const entryId = fact.entry_id;
    differences.push({ subject, what, entryId, party: null, about, expected, booked });
  };
  const text = (units: bigint): string => formatAmount(minor(units), fact.currency);
  differ('performance', text(performanceMinor), text(fact.performance_minor));
  differ('reward', text(rewardMinor), text(fact.reward_minor));
  differ('amount', text(rewardMinor), text(fact.entry_minor ?? 0n));
  if (isKept) differ('order-count', `${fact.counted_orders}`, `${fact.order_count}`);
  return { countedMinor, carriedMinor, performanceMinor, rewardMinor, differences };
}
