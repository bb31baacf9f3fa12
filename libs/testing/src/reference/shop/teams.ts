import { Big } from 'big.js';

import { fenOfAmount, roundedAmount } from '../exact.js';
import type { ReferencePlan } from '../plan-in-force.js';
import type { ReferenceRun } from '../schedule.js';
import { pricedByTiers } from '../split-line.js';
import { teamOwner } from './entry.js';
import { isWindowClosed } from './evidence.js';
import { isOrderHeld } from './holds.js';
import { isLargeEnough, windowEnd } from './owed.js';
import type { ReferenceOrder, ShopState } from './state.js';

/**
 * Counts what teams sold since it was last counted and books their rewards (domain.md 6): a negative
 * sum is carried into the next period, a positive one that reached no tier is spent.
 */
export function rewardTeams(shop: ShopState, run: ReferenceRun): void {
  const changes = new Map<string, bigint>();
  for (const order of shop.orders.values()) {
    const { teamId } = order.data;
    const baseFen = performanceOf(order);
    if (teamId === undefined || baseFen === (order.countedFen ?? 0n)) continue;
    if (order.countedFen === null && !isCountable(shop, order, run.cutoffMs)) continue;
    changes.set(teamId, (changes.get(teamId) ?? 0n) + baseFen - (order.countedFen ?? 0n));
    order.countedFen = baseFen;
  }
  for (const [teamId, changeFen] of changes) {
    const performanceFen = changeFen + (shop.teamCarryFen.get(teamId) ?? 0n);
    const rewardFen = rewardOf(run.version.plan, performanceFen);
    shop.teamCarryFen.set(teamId, performanceFen < 0n ? performanceFen : 0n);
    shop.performances.push(`${run.period} ${teamId} ${performanceFen} ${rewardFen}`);
    if (rewardFen === 0n) continue;
    shop.rewardedFen += rewardFen;
    shop.open.add({
      kind: 'team-reward',
      owner: teamOwner(teamId),
      cause: 'team-reward',
      causeId: '',
      orderId: '',
      itemId: '',
      level: 0,
      fen: rewardFen,
      maturesMs: run.cutoffMs,
      windowMs: null,
      place: 'open',
    });
  }
}

/** What of an order counts for its team now: what is left of its goods, where its version rewards teams. */
function performanceOf(order: ReferenceOrder): bigint {
  const plan = order.version?.plan;
  if (plan?.teamReward === undefined || order.isSettledOutside) return 0n;
  if (!isLargeEnough(order, plan, 'team-reward')) return 0n;
  return order.lines
    .filter(({ item }) => item.kind !== 'shipping')
    .reduce((sum, { amountFen, subsidyFen }) => sum + amountFen + subsidyFen, 0n);
}

/** Whether an order may be counted for the first time. */
function isCountable(shop: ShopState, order: ReferenceOrder, cutoffMs: number): boolean {
  if (order.version === null || isOrderHeld(shop, order.data.orderId)) return false;
  const windowMs = windowEnd(order, order.version.plan);
  if (windowMs >= cutoffMs) return false;
  return order.isBoundByHand || isWindowClosed(shop, order, windowMs);
}

function rewardOf({ teamReward, rounding = 'half-up' }: ReferencePlan, performanceFen: bigint) {
  if (teamReward === undefined || performanceFen <= 0n) return 0n;
  const performance = new Big(performanceFen.toString()).div(100);
  const { rated, fixed } = pricedByTiers(
    teamReward.tiers,
    teamReward.method ?? 'whole',
    performance,
  );
  return fenOfAmount(roundedAmount(rated.plus(fixed), rounding));
}
