import { Body, Controller, HttpCode, HttpStatus, Inject, Param, Post, Res } from '@nestjs/common';
import { wantedView } from '@qingfen/approvals';
import { formatInstant } from '@qingfen/calendar';
import {
  adjustmentBody,
  moveBody,
  openingBalancesBody,
  type Adjustment,
  type ApprovalWanted,
  type Move,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { bodyOf, CallerIs, Permit } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import type { Response } from 'express';
import { AdjustmentService, adjustmentIdOf } from './adjustment.service.js';
import type { AdjustmentRow } from './adjustment.store.js';
import { approvalOwner as owner } from './approval.js';
import { ManualLimits } from './manual-limit.js';
import { MoveService } from './move.service.js';
import { OpeningService } from './opening.service.js';
import { PayeeDirectory } from './payee-directory.js';
import { timezoneOf } from './shop.store.js';

/** Amounts that people book: adjustments, and what was owed before Qingfen took over. */
@Controller('internal/shops/:shopId')
@Permit('operator')
export class AdjustmentController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(PayeeDirectory) private readonly payees: PayeeDirectory,
    @Inject(ManualLimits) private readonly limits: ManualLimits,
    @Inject(AdjustmentService) private readonly adjustments: AdjustmentService,
    @Inject(MoveService) private readonly moves: MoveService,
    @Inject(OpeningService) private readonly openings: OpeningService,
  ) {}

  @Post('adjustments')
  async adjust(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
    @Res({ passthrough: true }) response: Pick<Response, 'status'>,
  ): Promise<Adjustment | ApprovalWanted> {
    const body = bodyOf(adjustmentBody, given);
    await this.payees.find(shopId, body.payeeId);
    const limit = await this.limits.of(shopId);
    const outcome = await this.units.run((unit) =>
      this.adjustments.create(unit, { shopId, caller, body, limit }),
    );
    const timezone = await timezoneOf(this.database, shopId);
    if (outcome.kind === 'booked') return adjustmentView(outcome.row, timezone);
    response.status(HttpStatus.ACCEPTED);
    return wantedView(outcome.approval, { owner, timezone });
  }

  @Post('moves')
  async move(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
    @Res({ passthrough: true }) response: Pick<Response, 'status'>,
  ): Promise<Move | ApprovalWanted> {
    const body = bodyOf(moveBody, given);
    await this.payees.find(shopId, body.from.payeeId);
    await this.payees.find(shopId, body.to.payeeId);
    const limit = await this.limits.of(shopId);
    const outcome = await this.units.run((unit) =>
      this.moves.move(unit, { shopId, caller, body, limit }),
    );
    const timezone = await timezoneOf(this.database, shopId);
    if (outcome.kind === 'booked') {
      const [taken, added] = outcome.row;
      return { from: adjustmentView(taken, timezone), to: adjustmentView(added, timezone) };
    }
    response.status(HttpStatus.ACCEPTED);
    return wantedView(outcome.approval, { owner, timezone });
  }

  @Post('opening-balances')
  @HttpCode(HttpStatus.ACCEPTED)
  async open(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ApprovalWanted> {
    const body = bodyOf(openingBalancesBody, given);
    const approval = await this.units.run((unit) =>
      this.openings.ask(unit, { shopId, caller, body }),
    );
    const timezone = await timezoneOf(this.database, shopId);
    return wantedView(approval, { owner, timezone });
  }
}

function adjustmentView(row: AdjustmentRow, timezone: string): Adjustment {
  return {
    adjustmentId: adjustmentIdOf(row),
    entryId: `en_${row.entry_id}`,
    payeeId: row.payee_id,
    kind: row.kind,
    amount: formatAmount(minor(row.amount_minor), row.currency),
    currency: row.currency,
    reason: row.reason,
    orderId: row.order_id,
    by: row.made_by,
    at: formatInstant(row.booked_at, timezone),
  };
}
