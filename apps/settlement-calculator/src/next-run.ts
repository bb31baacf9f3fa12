import { addDays } from '@qingfen/calendar';
import { partOf, requiredTasks, type PartKind } from '@qingfen/core-plan';
import { isInAudience, runAudience, runsDue, type DueRun } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import type { Minor } from '@qingfen/money';
import type { StoredVersion } from './plan-shelf.js';

/** A run that will take what is due, and under which terms. */
export interface ComingRun {
  readonly period: string;
  /** When it takes place: its scheduled instant, or the one that a holiday moved it to. */
  readonly dueAt: Date;
  readonly cutoff: Date;
  readonly minPayoutMinor: Minor;
  /** What payees must have done by then. */
  readonly tasks: readonly string[];
}

/** How far is looked ahead: every cycle has a run within it, a long holiday too. */
const aheadDays = 135;
/** The most noted runs that are looked at. */
const notedMax = 500;

/** Whose runs are asked for. */
export interface RunQuestion {
  readonly shopId: string;
  readonly kind: PartKind;
  readonly currency: string;
  readonly payeeId: string;
  /** Those in the currency. */
  readonly versions: readonly StoredVersion[];
  readonly timezone: string;
}

/** The runs to come of one kind and currency that are for one payee. */
export class ComingRuns {
  private constructor(
    private readonly question: RunQuestion,
    private readonly plannedUntil: Date | null,
    /** Noted and not done yet, the oldest first. */
    private readonly noted: readonly ComingRun[],
  ) {}

  static async read(tx: Pick<Tx, 'query'>, question: RunQuestion): Promise<ComingRuns> {
    const { shopId, kind, currency } = question;
    const key = [shopId, kind, currency];
    const [schedule] = await tx.query<{ planned_until: Date }>(
      `SELECT planned_until FROM schedule WHERE shop_id = $1 AND kind = $2 AND currency = $3`,
      key,
    );
    const noted = await tx.query<NotedRun>(
      `SELECT period, scheduled_at, cutoff, plan_version, cycles FROM run
        WHERE shop_id = $1 AND kind = $2 AND currency = $3 AND state <> 'done'
        ORDER BY scheduled_at LIMIT $4`,
      [...key, notedMax],
    );
    const until = schedule?.planned_until ?? null;
    return new ComingRuns(
      question,
      until,
      noted.flatMap((run) => notedRun(question, run)),
    );
  }

  /** The one that comes next; null where none is scheduled. */
  next(): ComingRun | null {
    const [first] = this.noted;
    if (first !== undefined) return first;
    return this.plannedUntil === null ? null : (this.after(this.plannedUntil)[0] ?? null);
  }

  /** The first that takes what matures at an instant; null where none is scheduled. */
  taking(maturesAt: Date): ComingRun | null {
    const takes = ({ cutoff }: ComingRun): boolean => cutoff > maturesAt;
    const noted = this.noted.find(takes);
    if (noted !== undefined || this.plannedUntil === null) return noted ?? null;
    const from = new Date(Math.max(this.plannedUntil.getTime(), maturesAt.getTime()));
    return this.after(from).find(takes) ?? null;
  }

  private after(after: Date): readonly ComingRun[] {
    const { versions, kind, timezone } = this.question;
    const until = addDays(after, aheadDays);
    return runsDue(versions, kind, timezone, { after, until }).flatMap((run) => {
      return comingRun(this.question, run);
    });
  }
}

interface NotedRun {
  readonly period: string;
  readonly scheduled_at: Date;
  readonly cutoff: Date;
  readonly plan_version: number;
  readonly cycles: readonly number[];
}

function notedRun(question: RunQuestion, run: NotedRun): ComingRun[] {
  const { versions, kind } = question;
  const version = versions.find((one) => one.version === run.plan_version);
  const terms = version === undefined ? undefined : partOf(version.plan, kind);
  if (terms === undefined) return [];
  const { period, scheduled_at: dueAt, cutoff, cycles } = run;
  return comingRun(question, { period, dueAt, cutoff, cycles, terms });
}

/** None where the run is for other payees. */
function comingRun(
  { versions, kind, payeeId }: RunQuestion,
  run: Pick<DueRun<StoredVersion>, 'period' | 'dueAt' | 'cutoff' | 'cycles' | 'terms'>,
): ComingRun[] {
  const { period, dueAt, cutoff, cycles, terms } = run;
  if (!isInAudience(runAudience(terms, cycles), payeeId)) return [];
  const tasks = requiredTasks(versions, cutoff)
    .filter((required) => required.kind === kind)
    .map(({ task }) => task);
  return [{ period, dueAt, cutoff, minPayoutMinor: terms.minPayoutMinor, tasks }];
}
