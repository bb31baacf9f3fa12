import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';

import { buildTransferRequest, TransferRequestError } from './transfer-request.js';
import type { TransferOrder } from './transfer-request.js';

const order: TransferOrder = {
  appId: '2021',
  outBizNo: 'QF0123456789abcdef0123456789abcdef',
  amountMinor: minor(1230n),
  currency: 'CNY',
  kind: 'commission',
  payee: { identityType: 'ALIPAY_LOGON_ID', identity: 'a@b.cn', name: '张三' },
  remark: '8月佣金结算',
};

function biz(more: Partial<TransferOrder> = {}): Record<string, unknown> {
  const parsed: unknown = JSON.parse(buildTransferRequest({ ...order, ...more }).bizContent);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

describe('buildTransferRequest', () => {
  it('is exactly this text', () => {
    expect(buildTransferRequest(order)).toEqual({
      method: 'alipay.fund.trans.uni.transfer',
      appId: '2021',
      outBizNo: order.outBizNo,
      productCode: 'TRANS_ACCOUNT_NO_PWD',
      bizScene: 'DIRECT_TRANSFER',
      amountText: '12.30',
      bizContent:
        '{"out_biz_no":"QF0123456789abcdef0123456789abcdef","trans_amount":"12.30",' +
        '"product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER",' +
        '"order_title":"佣金结算","payee_info":{"identity":"a@b.cn",' +
        '"identity_type":"ALIPAY_LOGON_ID","name":"张三"},"remark":"8月佣金结算",' +
        '"transfer_scene_name":"佣金报酬","transfer_scene_report_infos":' +
        '[{"info_type":"佣金报酬说明","info_content":"8月佣金结算"}]}',
    });
  });

  it.each([
    ['commission', '佣金报酬', '佣金报酬说明'],
    ['team-reward', '佣金报酬', '佣金报酬说明'],
    ['supplier', '业务结算', '结算款项名称'],
  ] as const)('%s is reported as %s', (kind, scene, infoType) => {
    expect(biz({ kind })).toMatchObject({
      transfer_scene_name: scene,
      transfer_scene_report_infos: [{ info_type: infoType }],
    });
  });

  it('always has a remark, and only what Alipay can show', () => {
    expect(biz({ remark: ' \n ' })['remark']).toBe('佣金结算');
    expect(biz({ remark: 'a\u0000b\ud800c\n' })['remark']).toBe('a b c');
    expect(biz({ remark: '😀'.repeat(150) })['remark']).toBe('😀'.repeat(100));
    expect(biz({ title: 'x'.repeat(200) })['order_title']).toBe('x'.repeat(128));
  });

  it.each([
    ['outBizNo', { outBizNo: 'a.b' }],
    ['outBizNo', { outBizNo: 'x'.repeat(65) }],
    ['amount', { amountMinor: minor(9n) }],
    ['amount', { amountMinor: minor(10_000_000_001n) }],
    ['currency', { currency: 'USD' }],
    ['payee', { payee: { identityType: 'ALIPAY_LOGON_ID', identity: 'a' } }],
    ['payee', { payee: { identityType: 'ALIPAY_USER_ID', identity: '' } }],
    ['appId', { appId: '' }],
  ] as const)('refuses a bad %s: %#', (field, more) => {
    expect(() => biz(more)).toThrow(TransferRequestError);
    expect(() => biz(more)).toThrow(expect.objectContaining({ field }));
  });

  it('gives the same text for the same order, whatever is written in it', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 400 });
    const amounts = fc.bigInt({ min: 10n, max: 10_000_000_000n });
    fc.assert(
      fc.property(texts, texts, amounts, (remark, title, amountMinor) => {
        const wish = { ...order, remark, title, amountMinor: minor(amountMinor) };
        const { bizContent, amountText } = buildTransferRequest(wish);
        expect(buildTransferRequest(wish).bizContent).toBe(bizContent);
        expect(JSON.stringify(JSON.parse(bizContent))).toBe(bizContent);
        expect(Buffer.from(bizContent, 'utf8').toString('utf8')).toBe(bizContent);
        expect(amountText).toMatch(/^\d+\.\d\d$/);
      }),
    );
  });
});
