import type { Payout, PayoutAlertClass } from '@qingfen/core-payout';
import type { AlertInput, AlertSubject } from '@qingfen/messaging';
import { formatAmount } from '@qingfen/money';

type Words = Pick<AlertInput, 'severity' | 'message' | 'messageZh'>;

/** What has happened to a payout and is not undone by anything that happens to it later. */
const happened: ReadonlySet<PayoutAlertClass> = new Set([
  'payout-failed',
  'payout-returned',
  'payout-unlisted-code',
]);

/** Alerts about the whole shop: one for as long as it lasts, however many payouts it stops. */
const shopWide = {
  'payout-credentials': {
    severity: 'critical',
    message: 'Payouts wait: the Alipay credentials or contract of the shop need attention.',
    messageZh: '付款等待中: 店铺的支付宝密钥或签约需要处理.',
  },
  'payout-funds': {
    severity: 'warning',
    message: "Payouts wait: the balance of the shop's Alipay account does not cover the first.",
    messageZh: '付款等待中: 店铺支付宝余额不足以支付最早的一笔.',
  },
  'payout-limit': {
    severity: 'warning',
    message: 'Payouts wait: a daily limit of the shop is reached. The rest goes on tomorrow.',
    messageZh: '付款等待中: 已达到店铺的每日限额, 其余将于次日继续.',
  },
} satisfies Partial<Record<PayoutAlertClass, Words>>;
type ShopWide = keyof typeof shopWide;

function isShopWide(alertClass: PayoutAlertClass): alertClass is ShopWide {
  return alertClass in shopWide;
}

/** What an alert of one class about a payout is about: that payout, its batch, or its whole shop. */
export function alertSubject(
  alertClass: PayoutAlertClass,
  { shopId, payoutId, batchNo }: Pick<Payout, 'shopId' | 'payoutId' | 'batchNo'>,
): AlertSubject {
  if (alertClass === 'payout-confirmation') return { type: 'batch', id: batchNo ?? payoutId };
  return isShopWide(alertClass) ? { type: 'shop', id: shopId } : { type: 'payout', id: payoutId };
}

/** The alert of one class about a payout, in words that say what to do. */
export function payoutAlert(alertClass: PayoutAlertClass, payout: Payout): AlertInput {
  const { shopId } = payout;
  const subject = alertSubject(alertClass, payout);
  const ends = happened.has(alertClass) ? 'when-acknowledged' : 'by-itself';
  const words = isShopWide(alertClass) ? shopWide[alertClass] : wordsOf(alertClass, payout);
  return { class: alertClass, ends, shopId, subject, ...words };
}

function wordsOf(alertClass: Exclude<PayoutAlertClass, ShopWide>, payout: Payout): Words {
  const { payoutId, payeeId, outBizNo, currency, amountMinor } = payout;
  const amount = `${formatAmount(amountMinor, currency)} ${currency}`;
  const what = `Payout ${payoutId} of ${amount} to ${payeeId}`;
  const whatZh = `付款 ${payoutId} (${amount}, 收款方 ${payeeId})`;
  const reason = payout.reason ?? payout.failure?.subCode ?? '';
  switch (alertClass) {
    case 'payout-unknown':
      return {
        severity: 'warning',
        message: `${what} has no known outcome yet; Alipay is asked about ${outBizNo} again.`,
        messageZh: `${whatZh}结果未知, 将继续向支付宝查询单号 ${outBizNo}.`,
      };
    case 'payout-evidence-differs':
      return {
        severity: 'critical',
        message: `${what}: Alipay's answer names another number or amount than ${outBizNo}.`,
        messageZh: `${whatZh}: 支付宝的应答与单号 ${outBizNo} 或金额不一致.`,
      };
    case 'payout-number-conflict':
      return {
        severity: 'critical',
        message: `${what}: Alipay knows ${outBizNo} with other content; look before retrying.`,
        messageZh: `${whatZh}: 支付宝已有内容不同的同号请求 ${outBizNo}, 请先核查.`,
      };
    case 'payout-unlisted-code':
      return {
        severity: 'warning',
        message: `${what}: Alipay answered with a code that no list has (${reason}).`,
        messageZh: `${whatZh}: 支付宝返回了未收录的错误码 (${reason}).`,
      };
    case 'payout-failed':
      return {
        severity: payout.payeeFault ? 'warning' : 'critical',
        message: `${what} failed (${reason}); the amount was given back to the payee's balance.`,
        messageZh: `${whatZh}失败 (${reason}), 金额已退回待结算.`,
      };
    case 'payout-returned':
      return {
        severity: 'warning',
        message: `${what} was paid, and Alipay says that the money came back.`,
        messageZh: `${whatZh}已支付, 但支付宝通知资金已退回.`,
      };
    case 'payout-blocked':
      return {
        severity: 'warning',
        message: `${what} is blocked: ${reason}`,
        messageZh: `${whatZh}已被拦截: ${reason}`,
      };
    case 'payout-confirmation':
      return {
        severity: 'warning',
        message: `Batch ${payout.batchNo ?? ''} waits for its payer: confirm it at Alipay; its payouts show the link.`,
        messageZh: `批量付款 ${payout.batchNo ?? ''} 等待付款方在支付宝确认, 链接见其中任一付款.`,
      };
    case 'payout-review':
      return {
        severity: 'warning',
        message: `${what} waits for a decision: ${reason}`,
        messageZh: `${whatZh}等待人工审核: ${reason}`,
      };
  }
}
