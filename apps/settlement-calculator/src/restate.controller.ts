import { Body, Controller, HttpCode, HttpStatus, Inject, Param, Post } from '@nestjs/common';
import { reasonBody } from '@qingfen/contracts';
import { CallerIs, Permit } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { bodyOf } from './request.js';
import { RestateService } from './restate.service.js';

/** Asked by payout for a user who retries a payout that is final. */
@Controller('internal/shops/:shopId/payouts')
export class RestateController {
  constructor(
    @Inject(Units) private readonly units: Units,
    @Inject(RestateService) private readonly restatements: RestateService,
  ) {}

  @Post(':payoutId/restate')
  @HttpCode(HttpStatus.OK)
  @Permit('operator', 'admin')
  async restate(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<{ statementId: string; payoutIds: string[] }> {
    const { reason } = bodyOf(reasonBody, given);
    const { statementId, payouts } = await this.units.run((unit) =>
      this.restatements.restate(unit, { shopId, payoutId, caller, reason }),
    );
    return { statementId, payoutIds: payouts.map((payout) => payout.payoutId) };
  }
}
