import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AlipaySdk } from 'alipay-sdk';

import { call, RunningSandbox, transferOf } from './running-sandbox.fixture.js';
import type { Shown, Tree } from './running-sandbox.fixture.js';

const LOG = 'alipay.data.bill.accountlog.query';
const TRANSFERS = 'alipay.data.bill.transfer.query';
const MARCH = { start_time: '2026-03-01 00:00:00', end_time: '2026-04-01 00:00:00' };

let alipay: RunningSandbox;
let shown: Shown;
let sdk: AlipaySdk;

beforeAll(async () => {
  alipay = await RunningSandbox.start('2026-03-05T18:00:00Z'); // already the 6th in Beijing
});

afterAll(() => alipay.stop());

beforeEach(async () => {
  shown = await alipay.merchant();
  sdk = alipay.sdk(shown);
});

async function entries(more: Tree = {}): Promise<Tree[]> {
  return ((await call(sdk, LOG, { ...MARCH, ...more }))['detailList'] ?? []) as Tree[];
}

describe('the account log', () => {
  it('R-TST-1 has every movement of the balance, with the balance after it', async () => {
    const where = `_sandbox/merchants/${shown.appId}/movements`;
    await call(sdk, 'alipay.fund.trans.uni.transfer', transferOf('n1'));
    await alipay.control('POST', where, { amount: '-0.60', type: 'fee', memo: '服务费' });
    await alipay.control('POST', where, { amount: '88.00', type: 'payment' });
    const answer = await call(sdk, LOG, MARCH);
    expect(answer).toMatchObject({ code: '10000', pageNo: '1', pageSize: '2000', totalSize: '4' });
    expect(answer['detailList']).toMatchObject([
      { transAmount: '1000.00', balance: '1000.00', direction: '收入', type: '充值' },
      {
        transAmount: '-12.30',
        balance: '987.70',
        direction: '支出',
        type: '转账',
        merchantOrderNo: 'n1',
        otherAccount: 'zhang@b.cn',
        transDt: '2026-03-06 02:00:00',
      },
      { transAmount: '-0.60', balance: '987.10', type: '收费', transMemo: '服务费' },
      { transAmount: '88.00', balance: '1075.10', type: '在线支付' },
    ]);
  });

  it('tells balances in the order of time, whatever was booked later', async () => {
    const where = `_sandbox/merchants/${shown.appId}/movements`;
    const early = { amount: '5.00', type: 'top-up', at: '2026-03-02T00:00:00+08:00' };
    await alipay.control('POST', where, early);
    const seen = (await entries()).map(({ transDt, balance }) => [transDt, balance]);
    expect(seen).toEqual([
      ['2026-03-02 00:00:00', '5.00'],
      ['2026-03-06 02:00:00', '1005.00'],
    ]);
  });

  it('finds by one number, ours or Alipay’s, without a span', async () => {
    const sent = await call(sdk, 'alipay.fund.trans.uni.transfer', transferOf('n2'));
    const ours = await call(sdk, LOG, { merchant_order_no: 'n2' });
    expect(ours).toMatchObject({ totalSize: '1', detailList: [{ merchantOrderNo: 'n2' }] });
    const theirs = await call(sdk, LOG, { alipay_order_no: sent['payFundOrderId'] });
    expect(theirs['detailList']).toEqual(ours['detailList']);
    const both = { merchant_order_no: 'n2', alipay_order_no: 'x' };
    expect(await call(sdk, LOG, both)).toMatchObject({ subCode: 'ILLEGAL_ARGUMENT' });
  });

  it('cuts pages of at least a thousand, and leaves an empty list out', async () => {
    const empty = await call(sdk, LOG, { ...MARCH, page_no: 2, page_size: '1000' });
    expect(empty).toMatchObject({ pageNo: '2', pageSize: '1000', totalSize: '1' });
    expect(empty).not.toHaveProperty('detailList');
  });

  it.each([
    ['ILLEGAL_ARGUMENT', {}],
    ['ILLEGAL_ARGUMENT', { start_time: '2026-03-01 00:00:00', end_time: '2026-03-01 00:00:00' }],
    ['ILLEGAL_ARGUMENT', { start_time: '2026-02-01 00:00:00', end_time: '2026-03-05 00:00:00' }],
    ['ILLEGAL_ARGUMENT', { start_time: '2025-03-01 00:00:00', end_time: '2025-03-05 00:00:00' }],
    ['INVALID_PARAMETER', { ...MARCH, page_size: '999' }],
    ['INVALID_PARAMETER', { ...MARCH, page_no: '0' }],
  ])('refuses with %s: %j', async (subCode, biz) => {
    expect(await call(sdk, LOG, biz)).toMatchObject({ code: '40004', subCode });
  });
});

describe('top-ups, withdrawals and transfers', () => {
  it('R-TST-1 are listed apart', async () => {
    const where = `_sandbox/merchants/${shown.appId}/movements`;
    await alipay.fault({ fault: 'returned', match: { appId: shown.appId } });
    await call(sdk, 'alipay.fund.trans.uni.transfer', transferOf('n1'));
    await alipay.control('POST', where, { amount: '-100.00', type: 'withdrawal' });
    const amounts = async (type: string): Promise<unknown[]> => {
      const answer = await call(sdk, TRANSFERS, { ...MARCH, type });
      return ((answer['detailList'] ?? []) as Tree[]).map(({ amount }) => amount);
    };
    expect(await amounts('DEPOSIT')).toEqual(['1000.00']);
    expect(await amounts('WITHDRAW')).toEqual(['-100.00']);
    expect(await amounts('TRANSFER')).toEqual(['-12.30', '12.30']);
    const wrong = await call(sdk, TRANSFERS, { ...MARCH, type: 'ALL' });
    expect(wrong).toMatchObject({ subCode: 'INVALID_PARAMETER' });
  });
});

describe('the balance', () => {
  it('says what is frozen for splitting, and a transfer cannot spend that', async () => {
    const trade = { amount: '500.00', royaltyFreeze: true, fee: '3.00' };
    await alipay.control('POST', `_sandbox/merchants/${shown.appId}/trades`, trade);
    const whole = { totalAmount: '1497.00', availableAmount: '1000.00', freezeAmount: '497.00' };
    expect(await call(sdk, 'alipay.data.bill.balance.query')).toMatchObject(whole);
    const question = { account_type: 'ACCTRANS_ACCOUNT' };
    const asked = await call(sdk, 'alipay.fund.account.query', question);
    expect(asked).toMatchObject({ availableAmount: '1000.00', freezeAmount: '497.00' });
    const tooMuch = transferOf('n3', { trans_amount: '1000.01' });
    const refused = await call(sdk, 'alipay.fund.trans.uni.transfer', tooMuch);
    expect(refused).toMatchObject({ subCode: 'PAYER_BALANCE_NOT_ENOUGH' });
  });
});
