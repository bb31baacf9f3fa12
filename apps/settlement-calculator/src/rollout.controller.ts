import { Body, Controller, Get, HttpStatus, Inject, Param, Put, Query, Res } from '@nestjs/common';
import { wantedView } from '@qingfen/approvals';
import {
  rolloutBody,
  trialStatementQuery,
  type ApprovalWanted,
  type Page,
  type TrialStatement,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  bodyOf,
  CallerIs,
  pageOfRows,
  Permit,
  placeAfter,
  placePart,
  queryOf,
  readers,
} from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import type { Response } from 'express';
import { approvalOwner as owner } from './approval.js';
import { RolloutService, type Rollouts } from './rollout.service.js';
import { timezoneOf } from './shop.store.js';
import { listTrials, type TrialRow } from './trial.store.js';

/** Which payees of a kind are really paid, and what the others would have been. */
@Controller('internal/shops/:shopId')
@Permit(...readers)
export class RolloutController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
  ) {}

  @Get('rollout')
  read(@Param('shopId') shopId: string): Promise<Rollouts> {
    return this.rollouts.all(this.database, shopId);
  }

  @Put('rollout')
  @Permit('admin')
  async put(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
    @Res({ passthrough: true }) response: Pick<Response, 'status'>,
  ): Promise<Rollouts | ApprovalWanted> {
    const body = bodyOf(rolloutBody, given);
    const outcome = await this.units.run((unit) =>
      this.rollouts.put(unit, { shopId, caller, body }),
    );
    if (outcome.kind === 'kept') return outcome.rollouts;
    response.status(HttpStatus.ACCEPTED);
    const timezone = await timezoneOf(this.database, shopId);
    return wantedView(outcome.approval, { owner, timezone });
  }

  @Get('trial-statements')
  async trials(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<Page<TrialStatement>> {
    const { cursor, limit, ...filter } = queryOf(trialStatementQuery, query);
    const after = placeAfter(cursor, trialPlace);
    const rows = await listTrials(this.database, shopId, { ...filter, after, limit: limit + 1 });
    const page = pageOfRows(rows, limit, placeOf);
    return {
      items: page.rows.map((row) => trialView(shopId, row)),
      nextCursor: page.nextCursor,
    };
  }
}

const { id, instant } = placePart;
const trialPlace = [instant, id, id, id, id];

function placeOf(row: TrialRow): readonly string[] {
  return [row.scheduled_at.toISOString(), row.currency, row.kind, row.period, row.payee_id];
}

function trialView(shopId: string, row: TrialRow): TrialStatement {
  const { currency } = row;
  return {
    shopId,
    payeeId: row.payee_id,
    kind: row.kind,
    period: row.period,
    currency,
    net: formatAmount(minor(row.net_minor), currency),
    netOfPeriod: formatAmount(minor(row.period_minor), currency),
    entryCount: row.entry_count,
    rolloutNumber: row.rollout_number,
  };
}
