import { Inject, Injectable } from '@nestjs/common';
import { localDate, nextLocalMidnight } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import type { DueDays } from '@qingfen/contracts';
import { partOf, type PartKind } from '@qingfen/core-plan';
import {
  foreseeDues,
  runAudience,
  runsDue,
  slotsOf,
  type ComingDue,
  type DueRun,
} from '@qingfen/core-settlement';
import { Database, type Tx } from '@qingfen/database';
import { formatAmount, minor, ZERO, type Minor } from '@qingfen/money';
import { notedDues, owedOwners, owedSlots, type DueKind } from './due-day.store.js';
import { PlanShelf, type StoredVersion } from './plan-shelf.js';
import { isPayeeInside } from './rollout-place.js';
import { RolloutService } from './rollout.service.js';
import { runKinds } from './schedule.store.js';
import { timezoneOf } from './shop.store.js';

/** The present day and those after it. */
const daysAhead = 30;
/** So many owners are summed at a time. */
const ownersAtOnce = 2_000;
/** The only currency that an Alipay account pays. */
const currency = 'CNY';

interface Days {
  readonly timezone: string;
  readonly today: string;
  /** The end of the last day. */
  readonly until: Date;
}

/**
 * What a shop's runs will pay on each of 30 days, of what is booked by now: orders that come later and team
 * rewards that are counted by their run are not in it.
 */
@Injectable()
export class DueDayService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
  ) {}

  async of(shopId: string): Promise<DueDays> {
    const timezone = await timezoneOf(this.database, shopId);
    const names: string[] = [];
    let midnight = this.clock.now();
    for (let count = 0; count < daysAhead; count += 1) {
      names.push(localDate(midnight, timezone));
      midnight = nextLocalMidnight(midnight, timezone);
    }
    const days = { timezone, today: names[0] ?? '', until: new Date(midnight.getTime() - 1) };
    const sums = new Map<string, Minor>();
    for (const kind of runKinds) {
      const due = await this.database.transaction((tx) => this.ofKind(tx, days, { shopId, kind }));
      for (const [day, dueMinor] of due) sums.set(day, minor((sums.get(day) ?? ZERO) + dueMinor));
    }
    const shown = (day: string): string => formatAmount(sums.get(day) ?? ZERO, currency);
    return { days: names.map((day) => ({ day, due: shown(day) })) };
  }

  private async ofKind(
    tx: Tx,
    days: Days,
    { shopId, kind }: { readonly shopId: string; readonly kind: PartKind },
  ): Promise<ReadonlyMap<string, Minor>> {
    const rollout = await this.rollouts.of(tx, shopId, kind);
    if (rollout.mode === 'off' || rollout.mode === 'dry-run') return new Map();
    const what = { shopId, kind, currency };
    const versions = await this.plans.inCurrency(tx, shopId, currency);
    const runs = await comingDues(tx, days, { ...what, versions });
    const cutoffs = slotsOf(runs);
    const sums = new Map<string, Minor>();
    if (cutoffs.length === 0) return sums;
    for (let after = ''; ;) {
      const owners = await owedOwners(tx, what, after, ownersAtOnce);
      const last = owners.at(-1);
      if (last === undefined) return sums;
      const accountNos = owners.map(({ accountNo }) => accountNo);
      const owed = await owedSlots(tx, shopId, { accountNos, cutoffs });
      const inside = owed.filter(({ payeeId }) => isPayeeInside(rollout, shopId, payeeId));
      for (const [day, due] of foreseeDues(runs, inside)) {
        sums.set(day, minor((sums.get(day) ?? ZERO) + due));
      }
      after = last.ownerId;
    }
  }
}

/** Late runs fall due today; the others on the day of their scheduled instant, or a holiday's. */
async function comingDues(
  tx: Tx,
  days: Days,
  what: DueKind & { readonly versions: readonly StoredVersion[] },
): Promise<readonly ComingDue[]> {
  const { kind, versions } = what;
  const { plannedUntil, runs } = await notedDues(tx, what);
  const late = runs.flatMap(({ planVersion, cutoff, cycles }) => {
    const version = versions.find((one) => one.version === planVersion);
    const terms = version === undefined ? undefined : partOf(version.plan, kind);
    return terms === undefined ? [] : [comingDue({ terms, cutoff, cycles }, days.today)];
  });
  if (plannedUntil === null) return late;
  const range = { after: plannedUntil, until: days.until };
  const coming = runsDue(versions, kind, days.timezone, range).map((run) => {
    const day = localDate(run.dueAt, days.timezone);
    return comingDue(run, day < days.today ? days.today : day);
  });
  return [...late, ...coming];
}

function comingDue(
  { terms, cutoff, cycles }: Pick<DueRun<StoredVersion>, 'terms' | 'cutoff' | 'cycles'>,
  day: string,
): ComingDue {
  return {
    day,
    cutoff,
    minPayoutMinor: terms.minPayoutMinor,
    audience: runAudience(terms, cycles),
  };
}
