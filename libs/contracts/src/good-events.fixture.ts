import type { EventOf } from './events.js';
import type { Topic } from './topics.js';

const at = '2026-01-05T10:00:00+08:00';
const envelope = { specversion: '1.0', id: 'e-1', source: '/shops/shop-1', time: at } as const;
const json = { datacontenttype: 'application/json' } as const;

type Good = { readonly [T in Topic]: EventOf<T> & { readonly time: string } };

/** One well-formed event of every topic. */
export const goodEvents: Good = {
  'order-completed': {
    ...envelope,
    type: 'order-completed',
    ...json,
    data: {
      shopId: 'shop-1',
      orderId: 'o-1',
      currency: 'CNY',
      paidAt: '2026-01-01T10:00:00+08:00',
      completedAt: at,
      alipayTradeNo: '2026010122001476',
      buyerPayeeId: 'd-9',
      items: [
        { itemId: '1', supplierId: 's-1', amount: '128.50', subsidy: '1.00', kind: 'goods' },
        { itemId: '2', supplierId: 's-1', amount: '0.00' },
      ],
      distributors: ['d-1', null, 'd-3'],
      teamId: 'team-1',
    },
  },
  'order-refunded': {
    ...envelope,
    type: 'order-refunded',
    ...json,
    data: {
      shopId: 'shop-1',
      orderId: 'o-1',
      refundId: 'r-1',
      refundedAt: at,
      items: [{ itemId: '1', amount: '8.75', subsidy: '0.00' }],
    },
  },
  'order-refund-reversed': {
    ...envelope,
    type: 'order-refund-reversed',
    ...json,
    data: { shopId: 'shop-1', orderId: 'o-1', refundId: 'r-1', at },
  },
  'order-disputed': {
    ...envelope,
    type: 'order-disputed',
    ...json,
    data: { shopId: 'shop-1', orderId: 'o-1', disputeId: 'x-1', openedAt: at, reason: '破损' },
  },
  'order-dispute-resolved': {
    ...envelope,
    type: 'order-dispute-resolved',
    ...json,
    data: { shopId: 'shop-1', orderId: 'o-1', disputeId: 'x-1', resolvedAt: at },
  },
  'payee-upserted': {
    ...envelope,
    type: 'payee-upserted',
    ...json,
    data: {
      shopId: 'shop-1',
      payeeId: 'd-1',
      name: '张三',
      roles: ['distributor', 'team-leader'],
      teamId: 'team-1',
      tasks: ['kyc'],
      level: '3',
      alipay: { identityType: 'ALIPAY_LOGON_ID', identity: 'zhang@example.test', name: '张三' },
    },
  },
  'shop-upserted': {
    ...envelope,
    type: 'shop-upserted',
    ...json,
    data: {
      shopId: 'shop-1',
      name: '小铺',
      timezone: 'Asia/Shanghai',
      noticePeriodDays: 0,
      transferMax: '50000.00',
      withholding: {
        period: 'month',
        kinds: ['commission'],
        accountTypes: ['personal'],
        tiers: [
          { from: '0.00', rate: '0' },
          { from: '800.00', rate: '0.20' },
        ],
      },
      updatedAt: at,
    },
  },
  'settlement-plan-published': {
    ...envelope,
    type: 'settlement-plan-published',
    ...json,
    data: {
      shopId: 'shop-1',
      version: 1,
      plan: { currency: 'CNY', supplier: { delayDays: 7 } },
      hash: 'ab'.repeat(32),
      publishedAt: at,
      effectiveFrom: at,
    },
  },
  'return-window-closed': {
    ...envelope,
    type: 'return-window-closed',
    ...json,
    data: { shopId: 'shop-1', orderId: 'o-1', completedAt: at, closedAt: at },
  },
  'statement-issued': {
    ...envelope,
    type: 'statement-issued',
    ...json,
    data: {
      shopId: 'shop-1',
      statementId: 'st_1',
      payeeId: 'd-1',
      kind: 'commission',
      period: at,
      cutoff: at,
      issuedAt: at,
      currency: 'CNY',
      net: '27.00',
      entryCount: 2,
    },
  },
  'payout-requested': {
    ...envelope,
    type: 'payout-requested',
    ...json,
    data: {
      shopId: 'shop-1',
      payoutId: 'po_1',
      statementId: 'st_1',
      part: 1,
      parts: 1,
      payeeId: 'd-1',
      kind: 'commission',
      amount: '27.00',
      currency: 'CNY',
      payVia: 'royalty',
      legs: [{ orderId: 'o-1', alipayTradeNo: '2026010122001476', amount: '27.00' }],
      requestedAt: at,
      remark: '佣金',
    },
  },
  'payout-result': {
    ...envelope,
    type: 'payout-result',
    ...json,
    data: {
      shopId: 'shop-1',
      payoutId: 'po_1',
      statementId: 'st_1',
      payeeId: 'd-1',
      kind: 'commission',
      status: 'failed',
      seq: 3,
      amount: '27.00',
      currency: 'CNY',
      payeeFault: true,
      failure: { code: '40004', subCode: 'PAYEE_NOT_EXIST', message: '收款账号不存在' },
      at,
    },
  },
  'alert-raised': {
    ...envelope,
    type: 'alert-raised',
    ...json,
    data: {
      shopId: null,
      alertId: 'a-1',
      state: 'raised',
      class: 'unknown-shop',
      severity: 'warning',
      subject: { type: 'shop', id: 'shop-9' },
      message: 'Events came for a shop that does not exist.',
      messageZh: '收到不存在店铺的事件。',
      at,
    },
  },
  'reconciliation-completed': {
    ...envelope,
    type: 'reconciliation-completed',
    ...json,
    data: {
      shopId: 'shop-1',
      day: '2026-01-05',
      counts: { orders: 1, entries: 5, statements: 1, payouts: 1, billLines: 2 },
      differenceCount: 0,
    },
  },
  'ledger-head': {
    ...envelope,
    type: 'ledger-head',
    ...json,
    data: {
      shopId: 'shop-1',
      day: '2026-01-05',
      block: 7,
      hash: 'cd'.repeat(32),
      signature: 'c2ln',
      keyId: 'k-1',
    },
  },
  'plan-change-announced': {
    ...envelope,
    type: 'plan-change-announced',
    ...json,
    data: {
      shopId: 'shop-1',
      payeeId: 'd-1',
      version: 2,
      publishedAt: '2026-01-05T10:00:00+08:00',
      effectiveFrom: '2026-01-12T10:00:00+08:00',
    },
  },
};

/** The bytes of a document as upstream writes them. */
export function bytesOf(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}

/** A deep copy with one field changed (`data.items.0.amount`), or taken away when undefined. */
export function changed(document: unknown, path: string, value?: unknown): object {
  const copy: object = JSON.parse(JSON.stringify(document));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let target: object = copy;
  for (const step of steps) {
    const next: unknown = Object.hasOwn(target, step) ? Reflect.get(target, step) : undefined;
    if (typeof next !== 'object' || next === null) return copy;
    target = next;
  }
  if (value === undefined) Reflect.deleteProperty(target, last);
  else Object.defineProperty(target, last, { value, enumerable: true, configurable: true });
  return copy;
}
