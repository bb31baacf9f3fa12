import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { problem } from '@qingfen/contracts';
import { invalid, LOGGER, notFound, PermitService, ProblemError } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { AmountError, parseAmount } from '@qingfen/money';
import { FieldCipher } from '@qingfen/security';
import type { Logger } from '@qingfen/telemetry';
import { askSoon } from './ask.store.js';
import type { ProvenNotification } from './merchant.js';
import { Merchants } from './merchants.js';
import { Wake } from './wake.js';

const transferChanged = 'alipay.fund.trans.order.changed';
// What is said of any other state changes nothing: only these two may have learned something, and
// a success that is told again is no news of one that has succeeded.
const askedAfterSuccess = ['unknown'];
const askedAfterOther = ['unknown', 'succeeded'];

/**
 * Takes Alipay's notifications: proven by signature and application, stored once, and then only a
 * reason to ask. What they say never moves a payout (R-ALI-5).
 */
@Controller('internal/shops/:shopId/alipay/notifications')
export class NotificationController {
  constructor(
    private readonly units: Units,
    private readonly merchants: Merchants,
    private readonly cipher: FieldCipher,
    private readonly wake: Wake,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  @PermitService('gateway')
  async take(@Param('shopId') shopId: string, @Body() body: unknown): Promise<{ stored: true }> {
    const form = formIn(body);
    const merchant = await this.merchants.of(shopId);
    if (merchant === null) throw notFound('The shop has no Alipay application.');
    const proven = merchant.prove(form);
    if ('refused' in proven) {
      this.logger.warn({ shopId, why: proven.refused }, 'a notification is not believed');
      throw new ProblemError(
        problem('not-proven', 403, 'Not believed', `The notification is ${proven.refused}.`),
      );
    }
    const isAsked = await this.units.run((unit) => this.store(unit, shopId, proven, form));
    if (isAsked) this.wake.now();
    return { stored: true };
  }

  /** @returns whether Alipay is asked now. */
  private async store(
    unit: Unit,
    shopId: string,
    told: ProvenNotification,
    form: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    const verdict = await this.verdictOn(unit, shopId, told);
    const sealed = this.cipher.encrypt(
      JSON.stringify(form),
      `${shopId}/notification/${told.notifyId}`,
    );
    const rows = await unit.tx.query(
      `INSERT INTO notification (shop_id, notify_id, method, out_biz_no, status, form, verdict,
                                 received_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (shop_id, notify_id) DO NOTHING RETURNING notify_id`,
      [shopId, told.notifyId, told.method, told.outBizNo, told.status, sealed, verdict, unit.now],
    );
    if (rows.length === 0 || told.outBizNo === null) return false;
    if (verdict === 'other-amount' || verdict === 'unknown-number') {
      this.warn(unit, shopId, told.outBizNo, verdict);
    }
    if (verdict === 'unknown-number' || told.method !== transferChanged) return false;
    const isSuccess = told.status === 'SUCCESS' && verdict === 'asked';
    const states = isSuccess ? askedAfterSuccess : askedAfterOther;
    return askSoon(unit.tx, shopId, told.outBizNo, states);
  }

  private async verdictOn(
    unit: Unit,
    shopId: string,
    told: ProvenNotification,
  ): Promise<'asked' | 'other-method' | 'unknown-number' | 'other-amount'> {
    if (told.method !== transferChanged || told.outBizNo === null) return 'other-method';
    const rows = await unit.tx.query<{ amountMinor: bigint; currency: string }>(
      `SELECT amount_minor AS "amountMinor", currency FROM payout
       WHERE shop_id = $1 AND out_biz_no = $2`,
      [shopId, told.outBizNo],
    );
    const [payout] = rows;
    if (payout === undefined) return 'unknown-number';
    if (told.amountText === null) return 'asked';
    return isAmount(told.amountText, payout) ? 'asked' : 'other-amount';
  }

  private warn(unit: Unit, shopId: string, outBizNo: string, verdict: string): void {
    unit.alert({
      class: 'notification-differs',
      severity: 'warning',
      ends: 'when-acknowledged',
      shopId,
      subject: { type: 'out-biz-no', id: outBizNo },
      message: `Alipay told of ${outBizNo} what our books do not say: ${verdict}.`,
      messageZh: `支付宝通知的单号 ${outBizNo} 与账面不符: ${verdict}.`,
    });
  }
}

function formIn(body: unknown): Readonly<Record<string, string>> {
  const form: Record<string, string> = {};
  if (typeof body !== 'object' || body === null) throw notAForm();
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string') throw notAForm();
    form[name] = value;
  }
  return form;
}

function notAForm(): ProblemError {
  const message = 'is not an object of form fields';
  return invalid([{ pointer: '', message, messageZh: '不是表单字段' }]);
}

function isAmount(text: string, payout: { amountMinor: bigint; currency: string }): boolean {
  try {
    return parseAmount(text, payout.currency) === payout.amountMinor;
  } catch (error) {
    if (error instanceof AmountError) return false;
    throw error;
  }
}
