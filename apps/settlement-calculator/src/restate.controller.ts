import { Controller, Inject, Param } from '@nestjs/common';
import { ActIs, Permit, PostAct, type ManualAct } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { RestateService } from './restate.service.js';

/** Asked by payout for a user who retries a payout that is final. */
@Controller('internal/shops/:shopId/payouts')
export class RestateController {
  constructor(
    @Inject(Units) private readonly units: Units,
    @Inject(RestateService) private readonly restatements: RestateService,
  ) {}

  @PostAct(':payoutId/restate')
  @Permit('operator', 'admin')
  async restate(
    @Param('payoutId') payoutId: string,
    @ActIs() act: ManualAct,
  ): Promise<{ statementId: string; payoutIds: string[] }> {
    const { statementId, payouts } = await this.units.run((unit) =>
      this.restatements.restate(unit, { ...act, payoutId }),
    );
    return { statementId, payoutIds: payouts.map((payout) => payout.payoutId) };
  }
}
