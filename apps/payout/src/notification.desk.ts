import { Injectable } from '@nestjs/common';
import { GroupCommit } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { AmountError, parseAmount } from '@qingfen/money';
import { FieldCipher } from '@qingfen/security';
import { askSoon, type AskSoon } from './ask.store.js';
import { askBatchesSoon, type BatchKey } from './batch.store.js';
import {
  amountsOf,
  keepNotifications,
  notificationKey,
  numberKey,
  type BookedAmount,
  type KeptNotification,
  type NotificationVerdict,
  type NumberKey,
  type ToldNotification,
} from './notification.store.js';
import { Wake } from './wake.js';

const companyMs = 15;
const batchChanged = 'alipay.fund.batch.order.changed';
/** What is told of one payout: of a transfer, or of a split in the mode `async` when it has ended. */
const payoutMethods = ['alipay.fund.trans.order.changed', 'alipay.trade.order.settle.notify'];

/** A notification as it is to be stored. */
export interface ReceivedNotification {
  readonly told: ToldNotification;
  readonly form: Readonly<Record<string, string>>;
}

/**
 * Stores proven notifications, as many as came at once in one transaction, and has Alipay asked about
 * what they are about. What they say never moves a payout (R-ALI-5).
 */
@Injectable()
export class NotificationDesk {
  private readonly group: GroupCommit<ReceivedNotification, true>;

  constructor(
    private readonly units: Units,
    private readonly cipher: FieldCipher,
    private readonly wake: Wake,
  ) {
    // They come in flocks, and Alipay does not mind a moment.
    const company = { isExpected: () => true, waitMs: companyMs };
    this.group = new GroupCommit((received) => this.storeAll(received), company);
  }

  /** Resolves when it is stored; told again it changes nothing. */
  async store(received: ReceivedNotification): Promise<void> {
    await this.group.add(received);
  }

  private async storeAll(received: readonly ReceivedNotification[]): Promise<readonly true[]> {
    const isAsked = await this.units.run((unit) => this.keep(unit, received));
    if (isAsked) this.wake.now();
    return received.map(() => true);
  }

  /** @returns whether Alipay is asked now. */
  private async keep(unit: Unit, received: readonly ReceivedNotification[]): Promise<boolean> {
    const once = [...new Map(received.map((one) => [notificationKey(one.told), one])).values()];
    const amounts = await amountsOf(unit.tx, once.flatMap(numberIn));
    const kept = once.map(({ told, form }): KeptNotification => {
      const context = `${told.shopId}/notification/${told.notifyId}`;
      const sealed = this.cipher.encrypt(JSON.stringify(form), context);
      return { told, verdict: verdictOn(told, amounts), sealed };
    });
    const fresh = await keepNotifications(unit.tx, kept, unit.now);
    const news = kept.filter(({ told }) => fresh.has(notificationKey(told)));
    for (const one of news) warn(unit, one);
    const isAsked = await askSoon(unit.tx, news.flatMap(questionOf));
    // Whoever knows the number of a batch is answered by Alipay alone: there is nothing to compare here.
    const areAsked = await askBatchesSoon(unit.tx, news.flatMap(batchIn));
    return isAsked || areAsked;
  }
}

function numberIn({ told }: ReceivedNotification): NumberKey[] {
  const { shopId, outBizNo, method } = told;
  return outBizNo === null || !payoutMethods.includes(method) ? [] : [{ shopId, outBizNo }];
}

function batchIn({ told }: KeptNotification): BatchKey[] {
  const { shopId, outBatchNo: batchNo, method } = told;
  return batchNo === null || method !== batchChanged ? [] : [{ shopId, batchNo }];
}

function verdictOn(
  told: ToldNotification,
  amounts: ReadonlyMap<string, BookedAmount>,
): NotificationVerdict {
  const { shopId, outBizNo, outBatchNo, method } = told;
  if (method === batchChanged && outBatchNo !== null) return 'asked';
  if (!payoutMethods.includes(method) || outBizNo === null) return 'other-method';
  const booked = amounts.get(numberKey({ shopId, outBizNo }));
  if (booked === undefined) return 'unknown-number';
  if (told.amountText === null) return 'asked';
  return isAmount(told.amountText, booked) ? 'asked' : 'other-amount';
}

/**
 * What is said of any state but success may be news of a payout that has succeeded, too; a success that
 * is told again is none.
 */
function questionOf({ told, verdict }: KeptNotification): AskSoon[] {
  const { shopId, outBizNo, status } = told;
  if (outBizNo === null || !['asked', 'other-amount'].includes(verdict)) return [];
  const isSuccess = status === 'SUCCESS' && verdict === 'asked';
  return [{ shopId, outBizNo, alsoSucceeded: !isSuccess }];
}

function warn(unit: Unit, { told, verdict }: KeptNotification): void {
  const { shopId, outBizNo } = told;
  if (outBizNo === null || (verdict !== 'other-amount' && verdict !== 'unknown-number')) return;
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

function isAmount(text: string, { amountMinor, currency }: BookedAmount): boolean {
  try {
    return parseAmount(text, currency) === amountMinor;
  } catch (error) {
    if (error instanceof AmountError) return false;
    throw error;
  }
}
