import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { payeeHoldsQuerySchema, type PayeeHolds } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ActIs, Permit, PostAct, queryOf, readers, type ManualAct } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { ManualHoldService, type PayeeAct } from './manual-hold.service.js';
import { holdsOfPayees } from './manual-hold.store.js';
import { PayeeDirectory } from './payee-directory.js';

/** Holds of payees; the gateway shows them with what payout knows of the payee. */
@Controller('internal/shops/:shopId')
@Permit('operator')
export class HoldController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(PayeeDirectory) private readonly payees: PayeeDirectory,
    @Inject(ManualHoldService) private readonly holds: ManualHoldService,
  ) {}

  /** Of each payee that is asked for, its open holds. */
  @Get('holds')
  @Permit(...readers)
  async list(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<{ items: PayeeHolds[] }> {
    const { payeeId } = queryOf(payeeHoldsQuerySchema, query);
    const payeeIds = typeof payeeId === 'string' ? [payeeId] : payeeId;
    const rows = await holdsOfPayees(this.database, shopId, payeeIds);
    const held = new Map(rows.map((row) => [row.payee_id, row.holds]));
    return { items: payeeIds.map((id) => ({ payeeId: id, holds: held.get(id) ?? [] })) };
  }

  @PostAct('payees/:payeeId/hold')
  hold(@Param('payeeId') payeeId: string, @ActIs() act: ManualAct): Promise<PayeeHolds> {
    return this.change({ ...act, payeeId }, 'holdPayee');
  }

  @PostAct('payees/:payeeId/release')
  release(@Param('payeeId') payeeId: string, @ActIs() act: ManualAct): Promise<PayeeHolds> {
    return this.change({ ...act, payeeId }, 'releasePayee');
  }

  @PostAct('payees/:payeeId/mended')
  mended(@Param('payeeId') payeeId: string, @ActIs() act: ManualAct): Promise<PayeeHolds> {
    return this.change({ ...act, payeeId }, 'mendPayee');
  }

  private async change(
    act: PayeeAct,
    what: 'holdPayee' | 'releasePayee' | 'mendPayee',
  ): Promise<PayeeHolds> {
    await this.payees.find(act.shopId, act.payeeId);
    const holds = await this.units.run((unit) => this.holds[what](unit, act));
    return { payeeId: act.payeeId, holds };
  }
}
