import { Body, Controller, HttpCode, HttpStatus, Inject, Param, Post, Res } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { reasonBody, recoveryBody, type ApprovalWanted, type Recovery } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { CallerIs, Permit } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import type { Response } from 'express';
import { wantedView } from './approval.view.js';
import { PayeeDirectory } from './payee-directory.js';
import { recoveryIdOf, RecoveryService, type RecoveryAct } from './recovery.service.js';
import type { RecoveryRow } from './recovery.store.js';
import { bodyOf } from './request.js';
import { timezoneOf } from './shop.store.js';

/** Debts asked back apart from the runs. */
@Controller('internal/shops/:shopId/recoveries')
@Permit('operator')
export class RecoveryController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(PayeeDirectory) private readonly payees: PayeeDirectory,
    @Inject(RecoveryService) private readonly recoveries: RecoveryService,
  ) {}

  @Post()
  async demand(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
    @Res({ passthrough: true }) response: Pick<Response, 'status'>,
  ): Promise<Recovery | ApprovalWanted> {
    const body = bodyOf(recoveryBody, given);
    await this.payees.find(shopId, body.payeeId);
    const outcome = await this.units.run((unit) =>
      this.recoveries.demand(unit, { shopId, caller, body }),
    );
    const timezone = await timezoneOf(this.database, shopId);
    if (outcome.kind === 'booked') return recoveryView(outcome.row, timezone);
    response.status(HttpStatus.ACCEPTED);
    return wantedView(outcome.approval, timezone);
  }

  @Post(':recoveryId/receipt')
  @HttpCode(HttpStatus.OK)
  receipt(
    @Param('shopId') shopId: string,
    @Param('recoveryId') recoveryId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Recovery> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, recoveryId, caller, reason };
    return this.end(act, (unit) => this.recoveries.receipt(unit, act));
  }

  @Post(':recoveryId/withdraw')
  @HttpCode(HttpStatus.OK)
  withdraw(
    @Param('shopId') shopId: string,
    @Param('recoveryId') recoveryId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Recovery> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, recoveryId, caller, reason };
    return this.end(act, (unit) => this.recoveries.withdraw(unit, act));
  }

  @Post(':recoveryId/write-off')
  @HttpCode(HttpStatus.ACCEPTED)
  async writeOff(
    @Param('shopId') shopId: string,
    @Param('recoveryId') recoveryId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ApprovalWanted> {
    const { reason } = bodyOf(reasonBody, given);
    const act = { shopId, recoveryId, caller, reason };
    const approval = await this.units.run((unit) => this.recoveries.askWriteOff(unit, act));
    return wantedView(approval, await timezoneOf(this.database, shopId));
  }

  private async end(
    { shopId }: RecoveryAct,
    work: (unit: Unit) => Promise<RecoveryRow>,
  ): Promise<Recovery> {
    const row = await this.units.run(work);
    return recoveryView(row, await timezoneOf(this.database, shopId));
  }
}

function recoveryView(row: RecoveryRow, timezone: string): Recovery {
  return {
    recoveryId: recoveryIdOf(row),
    payeeId: row.payee_id,
    kind: row.kind,
    amount: formatAmount(minor(row.amount_minor), row.currency),
    currency: row.currency,
    reason: row.reason,
    state: row.state,
    by: row.made_by,
    at: formatInstant(row.demanded_at, timezone),
  };
}
