import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';

import { BatchRequestError, buildBatchRequest } from './batch-request.js';
import type { BatchItem, BatchOrder } from './batch-request.js';

const item: BatchItem = {
  outBizNo: 'QF1',
  amountMinor: minor(1230n),
  payee: { identityType: 'ALIPAY_LOGON_ID', identity: 'a@b.cn', name: '张三' },
  remark: '8月',
};
const order: BatchOrder = {
  appId: '2021',
  outBatchNo: 'QB1',
  currency: 'CNY',
  kind: 'commission',
  mode: 'confirmed',
  items: [item, { ...item, outBizNo: 'QF2', amountMinor: minor(100n), remark: '' }],
};

describe('buildBatchRequest', () => {
  it('is exactly this text', () => {
    expect(buildBatchRequest(order)).toEqual({
      method: 'alipay.fund.batch.create',
      appId: '2021',
      outBatchNo: 'QB1',
      totalText: '13.30',
      bizContent:
        '{"out_batch_no":"QB1","product_code":"BATCH_API_TO_ACC","biz_scene":"MESSAGE_BATCH_PAY",' +
        '"order_title":"佣金结算","total_trans_amount":"13.30","total_count":"2",' +
        '"trans_order_list":[{"out_biz_no":"QF1","trans_amount":"12.30","order_title":"佣金结算",' +
        '"payee_info":{"identity":"a@b.cn","identity_type":"ALIPAY_LOGON_ID","name":"张三"},' +
        '"remark":"8月"},{"out_biz_no":"QF2","trans_amount":"1.00","order_title":"佣金结算",' +
        '"payee_info":{"identity":"a@b.cn","identity_type":"ALIPAY_LOGON_ID","name":"张三"},' +
        '"remark":"佣金结算"}],"remark":"佣金结算","transfer_scene_name":"佣金报酬",' +
        '"transfer_scene_report_infos":[{"info_type":"佣金报酬说明","info_content":"佣金结算"}]}',
    });
  });

  it('reports once, by itself, where nobody confirms', () => {
    const direct = buildBatchRequest({ ...order, mode: 'direct' });
    expect(direct.method).toBe('alipay.fund.batch.uni.transfer');
    const report = '"transfer_scene_report_infos":{"info_type":"佣金报酬说明",';
    expect(direct.bizContent).toContain(report);
  });

  it.each([
    ['appId', { appId: '' }],
    ['outBatchNo', { outBatchNo: 'x'.repeat(33) }],
    ['currency', { currency: 'USD' }],
    ['items', { items: [] }],
    ['items', { items: Array.from({ length: 1001 }, (_, n) => ({ ...item, outBizNo: `n${n}` })) }],
    ['outBizNo', { items: [item, item] }],
    ['outBizNo', { items: [{ ...item, outBizNo: 'a.b' }] }],
    ['amount', { items: [{ ...item, amountMinor: minor(99n) }] }],
    ['payee', { items: [{ ...item, payee: { ...item.payee, name: '' } }] }],
  ] as const)('refuses a bad %s: %#', (field, more) => {
    expect(() => buildBatchRequest({ ...order, ...more })).toThrow(BatchRequestError);
    expect(() => buildBatchRequest({ ...order, ...more })).toThrow(
      expect.objectContaining({ field }),
    );
  });

  it('adds up, whatever the amounts', () => {
    const amounts = fc.array(fc.bigInt({ min: 100n, max: 10_000_000_000n }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(amounts, (given) => {
        const items = given.map((amount, n) => ({
          ...item,
          outBizNo: `n${n}`,
          amountMinor: minor(amount),
        }));
        const { totalText, bizContent } = buildBatchRequest({ ...order, items });
        const sum = given.reduce((total, amount) => total + amount, 0n);
        const parsed = JSON.parse(bizContent) as { total_count: string };
        const whole = JSON.stringify(JSON.parse(bizContent)) === bizContent;
        return (
          BigInt(totalText.replace('.', '')) === sum &&
          parsed.total_count === String(given.length) &&
          whole
        );
      }),
    );
  });
});
