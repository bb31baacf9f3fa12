import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { pageQuery, reasonBody, type Approval, type Page } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { CallerIs, Permit } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { ApprovalService } from './approval.service.js';
import { listApprovals, type ApprovalRow } from './approval.store.js';
import { approvalView } from './approval.view.js';
import { badCursor, cursorOf, partsOfCursor, queryOf } from './page.js';
import { bodyOf, readers } from './request.js';
import { timezoneOf } from './shop.store.js';

/** What waits, or waited, for a second person. */
@Controller('internal/shops/:shopId/approvals')
@Permit('approver', 'admin')
export class ApprovalController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ApprovalService) private readonly approvals: ApprovalService,
  ) {}

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<Approval>> {
    const { limit, cursor } = queryOf(pageQuery, query);
    const [after = '0'] = partsOfCursor(cursor, 1) ?? [];
    if (!/^[0-9]{1,18}$/.test(after)) throw badCursor();
    const rows = await listApprovals(this.database, shopId, after, limit + 1);
    const timezone = await timezoneOf(this.database, shopId);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map((row) => approvalView(row, timezone, this.clock.now())),
      nextCursor:
        rows.length > limit && last !== undefined ? cursorOf([last.approval_id.toString()]) : null,
    };
  }

  @Post(':approvalId/approve')
  @HttpCode(HttpStatus.OK)
  approve(
    @Param('shopId') shopId: string,
    @Param('approvalId') approvalId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Approval> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, approvalId, caller, reason };
    return this.decide(shopId, (unit) => this.approvals.approve(unit, act));
  }

  @Post(':approvalId/reject')
  @HttpCode(HttpStatus.OK)
  reject(
    @Param('shopId') shopId: string,
    @Param('approvalId') approvalId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Approval> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, approvalId, caller, reason };
    return this.decide(shopId, (unit) => this.approvals.reject(unit, act));
  }

  private async decide(
    shopId: string,
    work: (unit: Unit) => Promise<ApprovalRow>,
  ): Promise<Approval> {
    const row = await this.units.run(work);
    return approvalView(row, await timezoneOf(this.database, shopId), this.clock.now());
  }
}
