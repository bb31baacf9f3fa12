import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApprovalDesk, approvalPage, approvalView, type Showing } from '@qingfen/approvals';
import { Clock } from '@qingfen/clock';
import type { Approval, Page } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ActIs, Permit, PostAct, readers, type ManualAct } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { approvalOwner as owner, closeApproved, type WantedClosing } from './closing.js';
import { timezoneOf } from './day.store.js';
import { ReconciliationWorker } from './reconciliation.worker.js';

/** Differences whose closing waits, or waited, for a second person. */
@Controller('internal/shops/:shopId/approvals')
@Permit('approver', 'admin')
export class ApprovalController {
  private readonly desk = new ApprovalDesk<WantedClosing>(owner, closeApproved);

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ReconciliationWorker) private readonly worker: Pick<ReconciliationWorker, 'wake'>,
  ) {}

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<Approval>> {
    return approvalPage(this.database, { shopId, query }, await this.showing(shopId));
  }

  @PostAct(':approvalId/approve')
  async approve(
    @Param('approvalId') approvalId: string,
    @ActIs() given: ManualAct,
  ): Promise<Approval> {
    const row = await this.units.run((unit) => this.desk.approve(unit, { ...given, approvalId }));
    this.worker.wake(); // the ledger is to hear of it
    return approvalView(row, await this.showing(given.shopId));
  }

  @PostAct(':approvalId/reject')
  async reject(
    @Param('approvalId') approvalId: string,
    @ActIs() given: ManualAct,
  ): Promise<Approval> {
    const row = await this.units.run((unit) => this.desk.reject(unit, { ...given, approvalId }));
    return approvalView(row, await this.showing(given.shopId));
  }

  private async showing(shopId: string): Promise<Showing & { readonly now: Date }> {
    const timezone = (await timezoneOf(this.database, shopId)) ?? 'Asia/Shanghai';
    return { owner, timezone, now: this.clock.now() };
  }
}
