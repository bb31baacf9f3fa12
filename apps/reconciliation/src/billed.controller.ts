import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { BilledNumber } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PermitService } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { linesOfNumber } from './payout-side.store.js';

/** One payment has a debit, and a credit where it came back; more than these says nothing. */
const linesMax = 10;

/** What Alipay's bills say of a payment: payout's last witness where no query answers. */
@Controller('internal/shops/:shopId/billed')
@PermitService('payout')
export class BilledController {
  constructor(@Inject(Database) private readonly database: Database) {}

  @Get(':outBizNo')
  async lines(
    @Param('shopId') shopId: string,
    @Param('outBizNo') outBizNo: string,
  ): Promise<BilledNumber> {
    const lines = await linesOfNumber(this.database, { shopId, outBizNo, limit: linesMax });
    return {
      lines: lines.map(({ amountMinor, alipayNo, at }) => ({
        amount: formatAmount(minor(amountMinor), 'CNY'),
        alipayNo,
        at: at.toISOString(),
      })),
    };
  }
}
