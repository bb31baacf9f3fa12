import type { ExplainedReward } from '@qingfen/contracts';
import type { Plan } from '@qingfen/core-plan';
import { expectedCounts } from '@qingfen/core-settlement';
import { formatAmount, formatRate, invariant, minor } from '@qingfen/money';
import type { BookedOrder } from './booked-order.js';
import type { Shown } from './explanation-words.js';
import type { PerformanceFact } from './performance.store.js';
import type { PerformanceVerdict } from './performance-verdict.js';

/** A team's reward with the tiers that priced it; its orders come page by page. */
export function rewardView(
  fact: PerformanceFact,
  plan: Plan,
  of: {
    readonly verdict: PerformanceVerdict;
    readonly orders: ExplainedReward['orders'];
    readonly nextCursor: string | null;
    readonly shown: Shown;
  },
): ExplainedReward {
  const { teamReward: part, rounding } = plan;
  invariant(part !== undefined, 'a run of team rewards has their tiers');
  const { verdict, orders, nextCursor, shown } = of;
  const text = (units: bigint): string => formatAmount(minor(units), fact.currency);
  const { performanceMinor } = verdict;
  const all = part.tiers.filter(
    ({ fromMinor }) => performanceMinor > 0n && performanceMinor >= fromMinor,
  );
  const reached = part.method === 'whole' ? all.slice(-1) : all;
  return {
    teamId: fact.team_id,
    period: fact.period,
    cutoff: shown(fact.cutoff),
    planVersion: fact.plan_version,
    rounding,
    method: part.method,
    reached: reached.map(({ fromMinor, ratePpm, fixedMinor }) => ({
      from: text(fromMinor),
      rate: formatRate(ratePpm),
      fixed: text(fixedMinor),
    })),
    counted: text(verdict.countedMinor),
    carried: text(verdict.carriedMinor),
    performance: text(performanceMinor),
    reward: text(verdict.rewardMinor),
    orderCount: fact.order_count,
    orders,
    nextCursor,
  };
}

/** What a run counted of orders, each beside what it must have counted. */
export function countedOrders(
  fact: PerformanceFact,
  counts: readonly { readonly order_id: string; readonly change_minor: bigint }[],
  booked: readonly BookedOrder[],
): ExplainedReward['orders'] {
  const text = (units: bigint): string => formatAmount(minor(units), fact.currency);
  const byId = new Map(booked.map((one) => [one.kept.order_id, one]));
  return counts.map(({ order_id: orderId, change_minor: change }) => {
    const order = byId.get(orderId);
    return { orderId, change: text(change), expected: mustCount(order, fact, text) };
  });
}

function mustCount(
  booked: BookedOrder | undefined,
  { batch_id: batchId }: PerformanceFact,
  text: (units: bigint) => string,
): string | null {
  if (booked === undefined || booked.history === null || booked.team === null) return null;
  const batchIds = booked.team.counts.map((count) => BigInt(count.batch_id));
  const counts = expectedCounts(booked.history, batchIds);
  const own = counts.find((count) => count.batchId === batchId);
  return own === undefined ? null : text(own.changeMinor);
}
