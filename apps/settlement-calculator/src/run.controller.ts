import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { runQuery, type Kind, type Page, type RunHold, type RunView } from '@qingfen/contracts';
import type { PartKind } from '@qingfen/core-plan';
import { Database } from '@qingfen/database';
import {
  ActIs,
  notFound,
  pageOfRows,
  Permit,
  placeAfter,
  placePart,
  PostAct,
  queryOf,
  readers,
  type ManualAct,
} from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import { ManualHoldService } from './manual-hold.service.js';
import { listRuns, type RunRow } from './run-list.store.js';
import { runKinds } from './schedule.store.js';
import { timezoneOf } from './shop.store.js';

/** What ran when and with what result, and whether a person holds the runs of a kind. */
@Controller('internal/shops/:shopId/runs')
@Permit(...readers)
export class RunController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(ManualHoldService) private readonly holds: ManualHoldService,
  ) {}

  @Get()
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<RunView>> {
    const { cursor, limit, ...filter } = queryOf(runQuery, query);
    const after = placeAfter(cursor, runPlace);
    const rows = await listRuns(this.database, shopId, { ...filter, after, limit: limit + 1 });
    const page = pageOfRows(rows, limit, placeOf);
    const timezone = await timezoneOf(this.database, shopId);
    return {
      items: page.rows.map((row) => runView(row, timezone)),
      nextCursor: page.nextCursor,
    };
  }

  @PostAct(':kind/hold')
  @Permit('operator')
  hold(@Param('kind') kind: string, @ActIs() act: ManualAct): Promise<RunHold> {
    return this.change({ ...act, kind: kindOf(kind) }, 'holdRuns');
  }

  @PostAct(':kind/release')
  @Permit('operator')
  release(@Param('kind') kind: string, @ActIs() act: ManualAct): Promise<RunHold> {
    return this.change({ ...act, kind: kindOf(kind) }, 'releaseRuns');
  }

  private async change(
    act: ManualAct & { readonly kind: Kind },
    what: 'holdRuns' | 'releaseRuns',
  ): Promise<RunHold> {
    const holds = await this.units.run((unit) => this.holds[what](unit, act));
    return { kind: act.kind, holds };
  }
}

const { id, instant } = placePart;
const runPlace = [instant, id, id, id];

function placeOf(row: RunRow): readonly string[] {
  return [row.scheduled_at.toISOString(), row.currency, row.kind, row.period];
}

/** @throws ProblemError 404 for a kind that has no runs */
function kindOf(text: string): PartKind {
  const kind = runKinds.find((known) => known === text);
  if (kind === undefined) throw notFound(`Runs are of ${runKinds.join(', ')}.`);
  return kind;
}

function runView(row: RunRow, timezone: string): RunView {
  const { currency, kind, period } = row;
  return {
    kind,
    currency,
    period,
    scheduledAt: formatInstant(row.scheduled_at, timezone),
    cutoff: formatInstant(row.cutoff, timezone),
    planVersion: row.plan_version,
    state: row.state,
    rollout: row.mode,
    statements: row.statements,
    stated: formatAmount(minor(row.stated_minor), currency),
    carried: row.carried,
    finishedAt: row.finished_at === null ? null : formatInstant(row.finished_at, timezone),
  };
}
