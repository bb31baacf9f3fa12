import { Body, Controller, HttpStatus, Inject, Param, Post, Res } from '@nestjs/common';
import { wantedView } from '@qingfen/approvals';
import { formatInstant } from '@qingfen/calendar';
import { taxPaymentBody, type ApprovalWanted, type TaxPayment } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { bodyOf, CallerIs, Permit } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import type { Response } from 'express';
import { approvalOwner as owner } from './approval.js';
import { ManualLimits } from './manual-limit.js';
import { timezoneOf } from './shop.store.js';
import { taxPaymentIdOf, TaxPaymentService } from './tax-payment.service.js';
import type { TaxPaymentRow } from './tax-payment.store.js';

/** What was withheld and is paid to the tax office. */
@Controller('internal/shops/:shopId/tax-payments')
@Permit('operator')
export class TaxPaymentController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(ManualLimits) private readonly limits: ManualLimits,
    @Inject(TaxPaymentService) private readonly payments: TaxPaymentService,
  ) {}

  @Post()
  async create(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
    @Res({ passthrough: true }) response: Pick<Response, 'status'>,
  ): Promise<TaxPayment | ApprovalWanted> {
    const body = bodyOf(taxPaymentBody, given);
    const limit = await this.limits.of(shopId);
    const outcome = await this.units.run((unit) =>
      this.payments.create(unit, { shopId, caller, body, limit }),
    );
    const timezone = await timezoneOf(this.database, shopId);
    if (outcome.kind === 'booked') return taxPaymentView(outcome.row, timezone);
    response.status(HttpStatus.ACCEPTED);
    return wantedView(outcome.approval, { owner, timezone });
  }
}

function taxPaymentView(row: TaxPaymentRow, timezone: string): TaxPayment {
  return {
    taxPaymentId: taxPaymentIdOf(row),
    amount: formatAmount(minor(row.amount_minor), row.currency),
    currency: row.currency,
    paidOn: row.paid_on,
    reference: row.reference,
    by: row.made_by,
    at: formatInstant(row.booked_at, timezone),
  };
}
