import { Body, Controller, HttpCode, HttpStatus, Inject, Param, Post, Res } from '@nestjs/common';
import { wantedView } from '@qingfen/approvals';
import { formatInstant } from '@qingfen/calendar';
import { recoveryBody, type ApprovalWanted, type Recovery } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ActIs, bodyOf, CallerIs, Permit, PostAct, type ManualAct } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import type { Response } from 'express';
import { approvalOwner as owner } from './approval.js';
import { ManualLimits } from './manual-limit.js';
import { PayeeDirectory } from './payee-directory.js';
import { recoveryIdOf, RecoveryService, type RecoveryAct } from './recovery.service.js';
import type { RecoveryRow } from './recovery.store.js';
import { timezoneOf } from './shop.store.js';

/** Debts asked back apart from the runs. */
@Controller('internal/shops/:shopId/recoveries')
@Permit('operator')
export class RecoveryController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(PayeeDirectory) private readonly payees: PayeeDirectory,
    @Inject(ManualLimits) private readonly limits: ManualLimits,
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
    const limit = await this.limits.of(shopId);
    const outcome = await this.units.run((unit) =>
      this.recoveries.demand(unit, { shopId, caller, body, limit }),
    );
    const timezone = await timezoneOf(this.database, shopId);
    if (outcome.kind === 'booked') return recoveryView(outcome.row, timezone);
    response.status(HttpStatus.ACCEPTED);
    return wantedView(outcome.approval, { owner, timezone });
  }

  @PostAct(':recoveryId/receipt')
  receipt(@Param('recoveryId') recoveryId: string, @ActIs() act: ManualAct): Promise<Recovery> {
    return this.end({ ...act, recoveryId }, 'receipt');
  }

  @PostAct(':recoveryId/withdraw')
  withdraw(@Param('recoveryId') recoveryId: string, @ActIs() act: ManualAct): Promise<Recovery> {
    return this.end({ ...act, recoveryId }, 'withdraw');
  }

  @Post(':recoveryId/write-off')
  @HttpCode(HttpStatus.ACCEPTED)
  async writeOff(
    @Param('recoveryId') recoveryId: string,
    @ActIs() act: ManualAct,
  ): Promise<ApprovalWanted> {
    const named = { ...act, recoveryId };
    const approval = await this.units.run((unit) => this.recoveries.askWriteOff(unit, named));
    const timezone = await timezoneOf(this.database, act.shopId);
    return wantedView(approval, { owner, timezone });
  }

  private async end(act: RecoveryAct, how: 'receipt' | 'withdraw'): Promise<Recovery> {
    const row = await this.units.run((unit) => this.recoveries[how](unit, act));
    return recoveryView(row, await timezoneOf(this.database, act.shopId));
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
