import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { whyUnpaidQuery, type WhyUnpaid } from '@qingfen/contracts';
import { CallerIs, Permit, queryOf, readers } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { WhyUnpaidService } from './why-unpaid.service.js';

/** "Why was I not paid", answered. */
@Controller('internal/shops/:shopId/payees')
@Permit(...readers)
export class WhyUnpaidController {
  constructor(@Inject(WhyUnpaidService) private readonly unpaid: WhyUnpaidService) {}

  @Get(':payeeId/why-unpaid')
  why(
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
    @Query() query: unknown,
    @CallerIs() caller: Caller,
  ): Promise<WhyUnpaid> {
    return this.unpaid.ask(caller, { shopId, payeeId, query: queryOf(whyUnpaidQuery, query) });
  }
}
