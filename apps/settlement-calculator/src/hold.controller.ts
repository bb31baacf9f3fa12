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
import { payeeHoldsQuerySchema, reasonBody, type PayeeHolds } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { CallerIs, Permit } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { ManualHoldService } from './manual-hold.service.js';
import { holdsOfPayees, type HoldReason } from './manual-hold.store.js';
import { queryOf } from './page.js';
import { PayeeDirectory } from './payee-directory.js';
import { bodyOf, readers } from './request.js';

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

  @Post('payees/:payeeId/hold')
  @HttpCode(HttpStatus.OK)
  hold(
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<PayeeHolds> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, payeeId, caller, reason };
    return this.change(act, (unit) => this.holds.holdPayee(unit, act));
  }

  @Post('payees/:payeeId/release')
  @HttpCode(HttpStatus.OK)
  release(
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<PayeeHolds> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, payeeId, caller, reason };
    return this.change(act, (unit) => this.holds.releasePayee(unit, act));
  }

  @Post('payees/:payeeId/mended')
  @HttpCode(HttpStatus.OK)
  mended(
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<PayeeHolds> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, payeeId, caller, reason };
    return this.change(act, (unit) => this.holds.mendPayee(unit, act));
  }

  private async change(
    { shopId, payeeId }: { readonly shopId: string; readonly payeeId: string },
    work: (unit: Unit) => Promise<HoldReason[]>,
  ): Promise<PayeeHolds> {
    await this.payees.find(shopId, payeeId);
    return { payeeId, holds: await this.units.run(work) };
  }
}
