import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { AlipayCredentialError, checkCredentials } from '@qingfen/alipay';
import {
  alipayCredentialsSchema,
  type AlipayCredentials,
  type AlipaySummary,
  type AlipayTest,
  type RoyaltyCapAnswer,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  audit,
  bodyOf,
  CallerIs,
  conflict,
  invalid,
  notFound,
  Permit,
  PermitService,
  readers,
  ServiceEnv,
} from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { credentialSummaries, CredentialStore } from './credential.store.js';
import { Merchants } from './merchants.js';
import { closeSendGate } from './send-gate.js';
import { resumeWaiting } from './waiting-room.js';
import { Wake } from './wake.js';

/** Shops' Alipay applications: taken, judged, encrypted, never shown again (R-ALI-4, R-SEC-2). */
@Controller('internal/shops/:shopId/alipay')
export class CredentialController {
  constructor(
    @Inject(ServiceEnv)
    private readonly env: Pick<ServiceEnv, 'alipayGateway' | 'alipayTimeoutMs'>,
    private readonly database: Database,
    private readonly units: Units,
    private readonly store: CredentialStore,
    private readonly merchants: Merchants,
    private readonly wake: Wake,
  ) {}

  @Get()
  @Permit(...readers)
  async read(@Param('shopId') shopId: string): Promise<AlipaySummary> {
    const known = (await credentialSummaries(this.database, [shopId])).get(shopId);
    if (known === undefined) throw notFound('The shop has no Alipay credentials.');
    return { appId: known.appId, mode: known.mode, configured: true };
  }

  @Put()
  @Permit('admin')
  async put(
    @Param('shopId') shopId: string,
    @Body() body: unknown,
    @CallerIs() caller: Caller,
  ): Promise<AlipaySummary> {
    const given = bodyOf(alipayCredentialsSchema, body);
    const mode = this.judge(given);
    await this.units.run(async (unit) => {
      // Nothing is sent meanwhile: a payout and the keys of its merchant never change at once.
      await closeSendGate(unit.tx);
      const before = (await credentialSummaries(unit.tx, [shopId])).get(shopId);
      if (before !== undefined && before.appId !== given.appId) {
        await refuseWhileUnderWay(unit, shopId);
      }
      await this.store.put(unit.tx, { shopId, mode, given, now: unit.now });
      await resumeWaiting(unit, { reason: 'credentials', shopId }, 'credentials were given');
      unit.resolveAlert('payout-credentials', { type: 'shop', id: shopId }, shopId);
      await audit(unit.tx, {
        caller,
        action: 'alipay-credentials.put',
        subject: { type: 'shop', id: shopId },
        shopId,
        before: before === undefined ? null : { appId: before.appId, mode: before.mode },
        after: { appId: given.appId, mode },
        reason: null,
        at: unit.now,
      });
    });
    this.wake.now();
    return { appId: given.appId, mode, configured: true };
  }

  @Post('test')
  @HttpCode(200)
  @Permit('operator', 'admin')
  async test(@Param('shopId') shopId: string): Promise<AlipayTest> {
    const merchant = await this.merchants.of(shopId);
    if (merchant === null) throw notFound('The shop has no Alipay credentials.');
    return merchant.test();
  }

  /** How much of a trade the shop's merchant may split, as Alipay says now. */
  @Get('royalty-cap')
  @PermitService('settlement-calculator')
  async royaltyCap(@Param('shopId') shopId: string): Promise<RoyaltyCapAnswer> {
    const merchant = await this.merchants.of(shopId);
    return { percent: merchant === null ? null : await merchant.royaltyCap() };
  }

  private judge(given: AlipayCredentials): 'key' | 'certificate' {
    const { alipayGateway: gateway, alipayTimeoutMs: timeoutMs } = this.env;
    try {
      return checkCredentials({ ...given, gateway, timeoutMs }).mode;
    } catch (error) {
      if (!(error instanceof AlipayCredentialError)) throw error;
      const { field, message, messageZh } = error;
      throw invalid([{ pointer: `/${field}`, message, messageZh }]);
    }
  }
}

async function refuseWhileUnderWay(unit: Unit, shopId: string): Promise<void> {
  const open = await unit.tx.query<{ payoutId: string }>(
    `SELECT payout_id AS "payoutId" FROM payout
     WHERE shop_id = $1 AND (state IN ('sending', 'unknown')
            OR (state = 'waiting' AND reason = 'confirmation')) LIMIT 1`,
    [shopId],
  );
  const [first] = open;
  if (first === undefined) return;
  const detail = `Payout ${first.payoutId} may be moving money under the present merchant.`;
  throw conflict('payouts-under-way', detail);
}
