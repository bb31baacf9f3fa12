import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { askSecondPerson, openApprovalOf, wantedView } from '@qingfen/approvals';
import { Clock } from '@qingfen/clock';
import {
  closeDifferenceBody,
  differenceQuery,
  type ApprovalWanted,
  type Difference,
  type Page,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  audit,
  bodyOf,
  CallerIs,
  conflict,
  instantPlace,
  instantPlaceAfter,
  notFound,
  pageOfRows,
  Permit,
  queryOf,
  readers,
} from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { approvalOwner, type WantedClosing } from './closing.js';
import { timezoneOf } from './day.store.js';
import { findDifference, listDifferences, type DifferenceRow } from './difference.store.js';
import { differenceView, type Showing } from './report.view.js';

/** Differences of all days: shown, and closed by two people (R-REC-3). */
@Controller('internal/shops/:shopId/differences')
export class DifferenceController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<Difference>> {
    const { state = null, limit, cursor } = queryOf(differenceQuery, query);
    const after = instantPlaceAfter(cursor);
    const found = await listDifferences(this.database, shopId, { state, after, limit: limit + 1 });
    const { rows, nextCursor } = pageOfRows(found, limit, (row) =>
      instantPlace({ at: row.openedAt, id: row.differenceId }),
    );
    const showing = await this.showing(shopId);
    return { items: rows.map((row) => differenceView(row, showing)), nextCursor };
  }

  /** It stays open until a second person has agreed; the same wish again is the same approval. */
  @Post(':differenceId/close')
  @HttpCode(202)
  @Permit('operator')
  async close(
    @Param('shopId') shopId: string,
    @Param('differenceId') differenceId: string,
    @Body() body: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ApprovalWanted> {
    const { as, reason } = bodyOf(closeDifferenceBody, body);
    const showing = await this.showing(shopId);
    return this.units.run(async (unit) => {
      const row = await findDifference(unit.tx, shopId, differenceId);
      if (row === null) throw notFound(`The shop has no difference ${differenceId}.`);
      if (row.state !== 'open') throw conflict('not-in-this-state', `It is ${row.state} already.`);
      const wants = 'difference';
      const subjectId = `${differenceId} ${as}`;
      const waiting = await openApprovalOf<WantedClosing>(unit, { shopId, wants, subjectId });
      if (waiting !== undefined) return wantedView(waiting, { owner: approvalOwner, ...showing });
      const approval = await askSecondPerson<WantedClosing>(unit, {
        shopId,
        wanted: { wants, document: { differenceId, as, reason, ...factsOf(row) } },
        subjectId,
        summary: summaryOf(row, as, reason),
        maker: caller.subject,
      });
      await audit(unit.tx, {
        caller,
        action: 'difference.close-request',
        subject: { type: 'difference', id: differenceId },
        shopId,
        before: { state: row.state },
        after: { as, hash: approval.hash },
        reason,
        at: unit.now,
      });
      return wantedView(approval, { owner: approvalOwner, ...showing });
    });
  }

  private async showing(shopId: string): Promise<Showing> {
    const timezone = (await timezoneOf(this.database, shopId)) ?? 'Asia/Shanghai';
    return { timezone, now: this.clock.now() };
  }
}

/** What the approver agrees to: if something else is told of it meanwhile, it is asked for anew. */
function factsOf(row: DifferenceRow): { readonly class: string; readonly amountMinor: string } {
  return { class: row.class, amountMinor: row.amountMinor.toString() };
}

function summaryOf(row: DifferenceRow, as: string, reason: string): string {
  const amount = `${formatAmount(minor(row.amountMinor), row.currency)} ${row.currency}`;
  const what = `${row.class}, ${row.subjectType} ${row.subjectId}, ${amount}`;
  return `Close a difference as ${as}: ${what}. ${reason} 将差异关闭为 ${as}：${what}。`;
}
