import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  ApprovalDesk,
  approvalPage,
  approvalView,
  type ApprovalAct,
  type ApprovalRow,
} from '@qingfen/approvals';
import { Clock } from '@qingfen/clock';
import type { Approval, Page } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ActIs, notFound, Permit, PostAct, readers, type ManualAct } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { Acknowledgement } from './acknowledgement.js';
import { approvalOwner as owner, publishApproved, type WantedPlan } from './plan-approval.js';
import { unacknowledged } from './request.js';
import { ShopService } from './shop.service.js';

/** Plans that wait, or waited, for a second person. */
@Controller('internal/shops/:shopId/approvals')
@Permit('approver', 'admin')
export class ApprovalController {
  private readonly desk = new ApprovalDesk<WantedPlan>(owner, publishApproved);

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ShopService) private readonly shops: ShopService,
    @Inject(Acknowledgement) private readonly acknowledgement: Pick<Acknowledgement, 'arrived'>,
  ) {}

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<Approval>> {
    const showing = await this.showing(shopId);
    return approvalPage(this.database, { shopId, query }, showing);
  }

  /** Answers when the broker has the version; whoever was sent away (503) before that may ask again. */
  @PostAct(':approvalId/approve')
  async approve(
    @Param('approvalId') approvalId: string,
    @ActIs() given: ManualAct,
  ): Promise<Approval> {
    const act = { ...given, approvalId };
    const showing = await this.showing(act.shopId);
    const row = await this.units.run((unit) => this.approveOnce(unit, act));
    if (!(await this.acknowledgement.arrived())) throw unacknowledged();
    return approvalView(row, showing);
  }

  @PostAct(':approvalId/reject')
  async reject(
    @Param('approvalId') approvalId: string,
    @ActIs() given: ManualAct,
  ): Promise<Approval> {
    const showing = await this.showing(given.shopId);
    const row = await this.units.run((unit) => this.desk.reject(unit, { ...given, approvalId }));
    return approvalView(row, showing);
  }

  private async approveOnce(unit: Unit, act: ApprovalAct): Promise<ApprovalRow> {
    const row = await this.desk.find(unit, act);
    const isTheirs = row.state === 'approved' && row.decided_by === act.caller.subject;
    return isTheirs ? row : this.desk.approve(unit, act);
  }

  private async showing(
    shopId: string,
  ): Promise<{ readonly owner: typeof owner; readonly timezone: string; readonly now: Date }> {
    const shop = await this.shops.find(shopId);
    if (shop === null) throw notFound(`There is no shop "${shopId}".`);
    return { owner, timezone: shop.timezone, now: this.clock.now() };
  }
}
