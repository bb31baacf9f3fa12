import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';

import { buildRefundRequest, RefundRequestError } from './refund.js';
import type { RefundOrder } from './refund.js';
import { buildSettleRequest, SettleRequestError } from './settle-request.js';
import type { SettleOrder } from './settle-request.js';

const payee = { identityType: 'ALIPAY_LOGON_ID', identity: 'a@b.cn', name: '张三' } as const;
const settle: SettleOrder = {
  appId: '2021',
  outRequestNo: 'QF1',
  tradeNo: '2026030122001000000000000001',
  currency: 'CNY',
  mode: 'sync',
  legs: [{ payee, amountMinor: minor(1230n) }],
  finish: false,
  remark: '8月佣金',
};
const refund: RefundOrder = {
  appId: '2021',
  tradeNo: settle.tradeNo,
  outRequestNo: 'R1',
  currency: 'CNY',
  amountMinor: minor(500n),
  reason: '退货',
  shares: [{ payee, amountMinor: minor(150n) }],
};

describe('buildSettleRequest', () => {
  it('is exactly this text', () => {
    expect(buildSettleRequest(settle)).toEqual({
      method: 'alipay.trade.order.settle',
      appId: '2021',
      outRequestNo: 'QF1',
      tradeNo: settle.tradeNo,
      bizContent:
        '{"out_request_no":"QF1","trade_no":"2026030122001000000000000001",' +
        '"royalty_parameters":[{"royalty_type":"transfer","trans_in":"a@b.cn",' +
        '"trans_in_type":"loginName","trans_in_name":"张三","amount":"12.30",' +
        '"royalty_scene":"达人佣金","desc":"8月佣金"}],"royalty_mode":"sync"}',
    });
  });

  it('may end a trade without a share', () => {
    const { bizContent } = buildSettleRequest({ ...settle, legs: [], finish: true });
    expect(JSON.parse(bizContent)).toEqual({
      out_request_no: 'QF1',
      trade_no: settle.tradeNo,
      extend_params: { royalty_finish: 'true' },
      royalty_mode: 'sync',
    });
  });

  it.each([
    ['appId', { appId: '' }],
    ['outRequestNo', { outRequestNo: 'a-b' }],
    ['tradeNo', { tradeNo: '' }],
    ['currency', { currency: 'USD' }],
    ['legs', { legs: [] }],
    ['legs', { legs: Array.from({ length: 51 }, () => ({ payee, amountMinor: minor(1n) })) }],
    ['amount', { legs: [{ payee, amountMinor: minor(0n) }] }],
    ['payee', { legs: [{ payee: { ...payee, name: '' }, amountMinor: minor(1n) }] }],
  ] as const)('refuses a bad %s: %#', (field, more) => {
    expect(() => buildSettleRequest({ ...settle, ...more })).toThrow(SettleRequestError);
    expect(() => buildSettleRequest({ ...settle, ...more })).toThrow(
      expect.objectContaining({ field }),
    );
  });
});

describe('buildRefundRequest', () => {
  it('is exactly this text', () => {
    expect(buildRefundRequest(refund).bizContent).toBe(
      '{"trade_no":"2026030122001000000000000001","out_request_no":"R1","refund_amount":"5.00",' +
        '"refund_reason":"退货","refund_royalty_parameters":[{"royalty_type":"transfer",' +
        '"trans_out":"a@b.cn","trans_out_type":"loginName","amount":"1.50"}]}',
    );
  });

  it.each([
    ['appId', { appId: '' }],
    ['outRequestNo', { outRequestNo: '' }],
    ['tradeNo', { tradeNo: 'a b' }],
    ['currency', { currency: 'USD' }],
    ['amount', { amountMinor: minor(0n), shares: [] }],
    ['shares', { amountMinor: minor(149n) }],
    ['shares', { shares: [{ payee, amountMinor: minor(0n) }] }],
  ] as const)('refuses a bad %s: %#', (field, more) => {
    expect(() => buildRefundRequest({ ...refund, ...more })).toThrow(RefundRequestError);
    expect(() => buildRefundRequest({ ...refund, ...more })).toThrow(
      expect.objectContaining({ field }),
    );
  });
});
