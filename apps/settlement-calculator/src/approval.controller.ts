import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { pageQuery, type Approval, type Page } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  ActIs,
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
import { ApprovalService, type ApprovalAct } from './approval.service.js';
import { listApprovals } from './approval.store.js';
import { approvalView } from './approval.view.js';
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
    const [after = '0'] = placeAfter(cursor, [placePart.number]) ?? [];
    const found = await listApprovals(this.database, shopId, after, limit + 1);
    const page = pageOfRows(found, limit, (row) => [row.approval_id.toString()]);
    const timezone = await timezoneOf(this.database, shopId);
    const now = this.clock.now();
    const items = page.rows.map((row) => approvalView(row, timezone, now));
    return { items, nextCursor: page.nextCursor };
  }

  @PostAct(':approvalId/approve')
  approve(@Param('approvalId') approvalId: string, @ActIs() act: ManualAct): Promise<Approval> {
    return this.decide({ ...act, approvalId }, 'approve');
  }

  @PostAct(':approvalId/reject')
  reject(@Param('approvalId') approvalId: string, @ActIs() act: ManualAct): Promise<Approval> {
    return this.decide({ ...act, approvalId }, 'reject');
  }

  private async decide(act: ApprovalAct, decision: 'approve' | 'reject'): Promise<Approval> {
    const row = await this.units.run((unit) => this.approvals[decision](unit, act));
    return approvalView(row, await timezoneOf(this.database, act.shopId), this.clock.now());
  }
}
