import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { riskBody, type Risk, type RiskBody } from '@qingfen/contracts';
import { changeRisk } from '@qingfen/core-risk';
import { Database } from '@qingfen/database';
import { audit, bodyOf, CallerIs, invalid, Permit, PermitService, readers } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { RiskBook } from './risk-book.js';
import { findRisk, lockRisk, putRisk } from './risk.store.js';
import { riskChangeOf, riskSettingsOf, riskView } from './risk.view.js';
import { timezoneOf } from './shop.store.js';
import { resumeHeldUp } from './waiting-room.js';
import { Wake } from './wake.js';

/**
 * A shop's limits and lists: kept and audited here, and looked at before every send. `payoutRatioMax` acts
 * in rules and `manualMax` in settlement-calculator, which ask for them.
 */
@Controller('internal/shops/:shopId/risk')
export class RiskController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(RiskBook) private readonly book: RiskBook,
    @Inject(Wake) private readonly wake: Wake,
  ) {}

  @Get()
  @Permit(...readers)
  @PermitService('rules', 'settlement-calculator')
  async read(@Param('shopId') shopId: string): Promise<Risk> {
    const stored = this.book.whole(await findRisk(this.database, shopId));
    const timezone = await timezoneOf(this.database, shopId);
    return { ...riskView(riskSettingsOf(stored), timezone), payoutRatioMax: stored.payoutRatioMax };
  }

  /** Changes what the body names; a call that changes nothing audits nothing. */
  @Put()
  @Permit('admin')
  async put(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Risk> {
    const body = bodyOf(riskBody, given);
    const timezone = await timezoneOf(this.database, shopId);
    const risk = await this.units.run((unit) =>
      this.change(unit, { shopId, body, caller, timezone }),
    );
    this.wake.now();
    return risk;
  }

  private async change(
    unit: Unit,
    call: {
      readonly shopId: string;
      readonly body: RiskBody;
      readonly caller: Caller;
      readonly timezone: string;
    },
  ): Promise<Risk> {
    const { shopId, body, caller, timezone } = call;
    const stored = this.book.whole(await lockRisk(unit.tx, shopId));
    const before = riskSettingsOf(stored);
    const changed = changeRisk(before, riskChangeOf(body));
    if (changed.kind === 'refused') throw invalid(changed.problems);
    const [was, now] = [riskView(before, timezone), riskView(changed.after, timezone)];
    if (JSON.stringify(was) === JSON.stringify(now)) {
      return { ...now, payoutRatioMax: stored.payoutRatioMax };
    }
    // A rate keeps the text that was agreed on, as rates of plans do.
    const is = { ...now, payoutRatioMax: body.payoutRatioMax ?? stored.payoutRatioMax };
    await putRisk(unit.tx, { shopId, document: is, by: caller.subject, at: unit.now });
    await resumeHeldUp(unit, shopId, 'limits or lists were changed');
    await audit(unit.tx, {
      caller,
      action: 'risk.change',
      subject: { type: 'risk', id: shopId },
      shopId,
      before: { ...was, payoutRatioMax: stored.payoutRatioMax },
      after: { ...is, raised: changed.raised },
      reason: null,
      at: unit.now,
    });
    return is;
  }
}
