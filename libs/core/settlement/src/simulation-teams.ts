import type { Plan, VersionDates } from '@qingfen/core-plan';
import { minor, ZERO, type Minor } from '@qingfen/money';
import type { OrderFact } from './accrue-order.js';
import { meetsOrderAmount, orderPaidOf } from './chain.js';
import { windowEndsAt } from './maturity.js';
import type { RefundedSoFar } from './refund-order.js';
import { nextRuns, type DueRun } from './runs-due.js';
import { teamReward } from './team-reward.js';

/** Where an order of a team stands now. */
export type TeamStanding =
  /** Its version rewards no teams, or not for such an order. */
  | { readonly kind: 'not-counting' }
  /** It counts, and no run has counted it yet. */
  | { readonly kind: 'waiting' }
  /** A run has: so much of it, in this period. */
  | { readonly kind: 'counted'; readonly period: string; readonly countedMinor: bigint };

/** What runs made of a team in a period. */
export interface TeamPeriod {
  readonly teamId: string;
  readonly period: string;
}

export interface CountedPeriod extends TeamPeriod {
  /** What was counted, a carry of earlier periods included. */
  readonly performanceMinor: bigint;
  readonly rewardMinor: bigint;
}

export interface SimulatedReward {
  readonly teamId: string;
  readonly owedMinor: Minor;
  readonly owedNowMinor: bigint;
}

/** The draft as if it had always been in force. */
type Draft = VersionDates & { readonly plan: Plan };

const ALWAYS = new Date(0);
/** Runs of a team's leaders with cycles of their own may come first, but never so many. */
const RUNS_LOOKED_AT = 100;

/**
 * Rewards of teams under a draft, period by period, beside what was rewarded. A period that runs have counted
 * is priced whole, as it was counted, at the draft's tiers; of the orders that are simulated those that the
 * draft does not count are taken off, and those that it alone counts are added to the period in which its
 * own cycle would have counted them. What no run has counted, or would have by now, is in neither.
 */
export class TeamSimulation {
  private readonly changes = new Map<string, TeamPeriod & { changeMinor: bigint }>();
  private readonly runs: { readonly from: Date; readonly run: DueRun<Draft> }[] = [];
  private readonly draft: Draft;
  private waiting = 0;

  constructor(
    private readonly plan: Plan,
    private readonly shop: { readonly timezone: string; readonly now: Date },
  ) {
    this.draft = { version: 0, publishedAt: ALWAYS, effectiveFrom: ALWAYS, plan };
  }

  add(order: OrderFact, refunded: RefundedSoFar, standing: TeamStanding): void {
    const { teamId } = order;
    if (teamId === undefined) return;
    const counts =
      this.plan.teamReward !== undefined &&
      meetsOrderAmount(this.plan, 'team-reward', orderPaidOf(order));
    switch (standing.kind) {
      case 'waiting':
        this.waiting += 1;
        return;
      case 'counted':
        this.change({ teamId, period: standing.period }, counts ? 0n : -standing.countedMinor);
        return;
      case 'not-counting': {
        if (!counts) return;
        const period = this.periodOf(order);
        if (period === undefined) this.waiting += 1;
        else this.change({ teamId, period }, goodsBaseOf(order, refunded));
        return;
      }
      default: {
        const never: never = standing;
        return never;
      }
    }
  }

  /** The periods of which has to be known what runs made of them. */
  get periods(): readonly TeamPeriod[] {
    return [...this.changes.values()];
  }

  /** How many orders of teams are in neither figure. */
  get waitingOrders(): number {
    return this.waiting;
  }

  /** One for each team; rounded once a period, as a run does. */
  rewards(counted: readonly CountedPeriod[]): readonly SimulatedReward[] {
    const known = new Map(counted.map((one) => [keyOf(one), one]));
    const byTeam = new Map<string, { owedMinor: bigint; owedNowMinor: bigint }>();
    for (const [key, { teamId, changeMinor }] of this.changes) {
      const { performanceMinor, rewardMinor } = known.get(key) ?? {
        performanceMinor: 0n,
        rewardMinor: 0n,
      };
      const sum = byTeam.get(teamId) ?? { owedMinor: 0n, owedNowMinor: 0n };
      sum.owedMinor += this.rewardOf(performanceMinor + changeMinor);
      sum.owedNowMinor += rewardMinor;
      byTeam.set(teamId, sum);
    }
    return [...byTeam].map(([teamId, { owedMinor, owedNowMinor }]) => {
      return { teamId, owedMinor: minor(owedMinor), owedNowMinor };
    });
  }

  private rewardOf(performanceMinor: bigint): Minor {
    const { teamReward: part, rounding } = this.plan;
    if (part === undefined) return ZERO;
    const performance = { changeMinor: performanceMinor, carriedMinor: 0n };
    return teamReward(performance, part, rounding).rewardMinor;
  }

  /** The period in which the draft's own cycle would have counted an order by now. */
  private periodOf({ completedAt }: OrderFact): string | undefined {
    const run = this.runAfter(windowEndsAt(completedAt, this.plan));
    return run !== undefined && run.dueAt <= this.shop.now ? run.period : undefined;
  }

  /** The first run with its cutoff behind an instant. Orders come by the thousand, and runs by the month. */
  private runAfter(closesAt: Date): DueRun<Draft> | undefined {
    const known = this.runs.find(({ from, run }) => from <= closesAt && closesAt < run.cutoff);
    if (known !== undefined) return known.run;
    let after = closesAt;
    for (let tries = 0; tries < RUNS_LOOKED_AT; tries += 1) {
      const next = nextRuns([this.draft], 'team-reward', this.shop.timezone, after);
      const run = next.find(({ cycles, cutoff }) => cycles.includes(0) && closesAt < cutoff);
      if (run !== undefined) {
        this.runs.push({ from: closesAt, run });
        return run;
      }
      const [first] = next;
      if (first === undefined) return undefined;
      after = first.dueAt;
    }
    return undefined;
  }

  private change({ teamId, period }: TeamPeriod, changeMinor: bigint): void {
    const key = keyOf({ teamId, period });
    const known = this.changes.get(key);
    if (known === undefined) this.changes.set(key, { teamId, period, changeMinor });
    else known.changeMinor += changeMinor;
  }
}

function goodsBaseOf({ items }: OrderFact, refunded: RefundedSoFar): bigint {
  return items
    .filter(({ kind }) => kind === 'goods')
    .reduce((sum, { itemId, amountMinor, subsidyMinor }) => {
      const taken = refunded.get(itemId);
      const back = taken === undefined ? 0n : taken.amountMinor + taken.subsidyMinor;
      return sum + amountMinor + subsidyMinor - back;
    }, 0n);
}

function keyOf({ teamId, period }: TeamPeriod): string {
  return `${teamId} ${period}`;
}
