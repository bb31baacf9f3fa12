import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { approvalPage, approvalView, type ApprovalAct } from '@qingfen/approvals';
import { Clock } from '@qingfen/clock';
import type { Approval, Page } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ActIs, Permit, PostAct, readers, type ManualAct } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { approvalOwner as owner } from './approval.js';
import { ApprovalService } from './approval.service.js';
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
    const timezone = await timezoneOf(this.database, shopId);
    const showing = { owner, timezone, now: this.clock.now() } as const;
    return approvalPage(this.database, { shopId, query }, showing);
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
    const timezone = await timezoneOf(this.database, act.shopId);
    return approvalView(row, { owner, timezone, now: this.clock.now() });
  }
}
