import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AlipaySdk } from 'alipay-sdk';

import { call, RunningSandbox } from './running-sandbox.fixture.js';
import type { Shown, Tree } from './running-sandbox.fixture.js';

const QUERY = 'alipay.trade.query';
const REFUND = 'alipay.trade.refund';
const REFUND_QUERY = 'alipay.trade.fastpay.refund.query';
const NOW = '2026-03-05T18:00:00Z';

let alipay: RunningSandbox;
let shown: Shown;
let sdk: AlipaySdk;
let tradeNo: string;

async function pay(more: Tree = {}): Promise<Tree> {
  const where = `_sandbox/merchants/${shown.appId}/trades`;
  return alipay.control('POST', where, { amount: '100.00', at: '2026-03-01T00:00:00Z', ...more });
}

function refundOf(amount: string, outRequestNo: string, more: Tree = {}): Tree {
  return { trade_no: tradeNo, refund_amount: amount, out_request_no: outRequestNo, ...more };
}

async function trades(): Promise<Tree[]> {
  return alipay.list(`merchants/${shown.appId}/trades`);
}

beforeAll(async () => {
  alipay = await RunningSandbox.start(NOW);
});

afterAll(() => alipay.stop());

beforeEach(async () => {
  await alipay.control('DELETE', '_sandbox/faults');
  shown = await alipay.merchant({ balance: '0.00' });
  sdk = alipay.sdk(shown);
  tradeNo = String((await pay())['tradeNo']);
});

describe('a trade', () => {
  it('R-TST-1 is found by either number, Alipay’s first', async () => {
    const { outTradeNo } = await pay({ outTradeNo: `O-${shown.appId}`, amount: '7.00' });
    const byOurs = await call(sdk, QUERY, { out_trade_no: outTradeNo });
    expect(byOurs).toMatchObject({
      outTradeNo,
      tradeStatus: 'TRADE_SUCCESS',
      totalAmount: '7.00',
      buyerLogonId: 'buyer@example.com',
      sendPayDate: '2026-03-01 08:00:00',
      fundBillList: [{ fundChannel: 'ALIPAYACCOUNT', amount: '7.00' }],
    });
    expect(byOurs['tradeNo']).toMatch(/^2026030122001\d{15}$/);
    expect(byOurs).not.toHaveProperty('tradeSettleInfo');
    const byTheirs = await call(sdk, QUERY, { trade_no: tradeNo, out_trade_no: outTradeNo });
    expect(byTheirs).toMatchObject({ tradeNo, totalAmount: '100.00' });
  });

  it('of another merchant does not exist', async () => {
    const other = alipay.sdk(await alipay.merchant());
    const answer = await call(other, QUERY, { trade_no: tradeNo });
    expect(answer).toMatchObject({ code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST' });
    expect(await call(sdk, QUERY)).toMatchObject({ subCode: 'ACQ.INVALID_PARAMETER' });
  });

  it('brings its money less the fee, and its numbers are used once', async () => {
    expect(await pay({ fee: '0.60' })).toMatchObject({ fee: '0.60', status: 'TRADE_SUCCESS' });
    expect(await alipay.balanceOf(shown.appId)).toBe('199.40');
    expect(await pay({ tradeNo })).toMatchObject({ status: 409 });
    expect(await pay({ amount: '0.00' })).toMatchObject({ status: 422 });
    expect(await pay({ fee: '100.01' })).toMatchObject({ status: 422 });
  });
});

describe('a refund that a test makes', () => {
  const refund = (more: Tree): Promise<Tree> =>
    alipay.control('POST', `_sandbox/merchants/${shown.appId}/refunds`, { tradeNo, ...more });

  it('R-TST-1 stands on the day that a test gives it, also one that is over, and is one as any other', async () => {
    const made = { amount: '30.00', requestNo: 'r1', at: '2026-03-02T01:00:00Z' };
    expect(await refund(made)).toMatchObject({ tradeNo, refunded: '30.00' });
    const [movement] = (await alipay.list(`merchants/${shown.appId}/movements`)).slice(-1);
    expect(movement).toMatchObject({ type: 'refund', amount: '-30.00', tradeNo });
    expect(Date.parse(String(movement?.['at']))).toBe(Date.parse(made.at));
    const again = await call(sdk, REFUND, refundOf('30.00', 'r1'));
    expect(again).toMatchObject({ fundChange: 'N', refundFee: '30.00' });
  });

  it('is refused where the trade is not there, is this merchant’s, or has no more left', async () => {
    await refund({ amount: '99.00', requestNo: 'r1' });
    expect(await refund({ amount: '1.00', requestNo: 'r1' })).toMatchObject({ code: 'exists' });
    expect(await refund({ amount: '1.01' })).toMatchObject({ code: 'invalid' });
    const unknown = await refund({ amount: '1.00', tradeNo: '2026030122001999999999999' });
    expect(unknown).toMatchObject({ code: 'not-found' });
  });
});

describe('a refund', () => {
  it('R-TST-1 moves money once for one number, and adds up', async () => {
    const first = await call(sdk, REFUND, refundOf('30.00', 'r1'));
    expect(first).toMatchObject({ fundChange: 'Y', refundFee: '30.00', sendBackFee: '30.00' });
    const again = await call(sdk, REFUND, refundOf('30.00', 'r1'));
    expect(again).toMatchObject({ fundChange: 'N', refundFee: '30.00' });
    const second = await call(sdk, REFUND, refundOf('20.00', 'r2'));
    expect(second).toMatchObject({ fundChange: 'Y', refundFee: '50.00', sendBackFee: '20.00' });
    expect(await alipay.balanceOf(shown.appId)).toBe('50.00');
    const asked = await call(sdk, REFUND_QUERY, { trade_no: tradeNo, out_request_no: 'r2' });
    expect(asked).toMatchObject({
      refundStatus: 'REFUND_SUCCESS',
      refundAmount: '20.00',
      totalAmount: '100.00',
    });
    const unknown = await call(sdk, REFUND_QUERY, { trade_no: tradeNo, out_request_no: 'r3' });
    expect(unknown).toMatchObject({ code: '10000', outRequestNo: 'r3' });
    expect(unknown).not.toHaveProperty('refundStatus');
  });

  it('F18 one number with other contents is refused', async () => {
    await call(sdk, REFUND, refundOf('30.00', 'r1'));
    const other = await call(sdk, REFUND, refundOf('30.01', 'r1'));
    expect(other).toMatchObject({ subCode: 'ACQ.DISCORDANT_REPEAT_REQUEST' });
    expect(await trades()).toMatchObject([{ refunded: '30.00' }]);
  });

  it('of the whole needs no number and closes the trade', async () => {
    const whole = { trade_no: tradeNo, refund_amount: '100.00' };
    expect(await call(sdk, REFUND, whole)).toMatchObject({ fundChange: 'Y' });
    const closed = await call(sdk, QUERY, { trade_no: tradeNo });
    expect(closed).toMatchObject({ tradeStatus: 'TRADE_CLOSED' });
    const more = await call(sdk, REFUND, refundOf('0.01', 'r9'));
    expect(more).toMatchObject({ subCode: 'ACQ.TRADE_HAS_CLOSE' });
  });

  it.each([
    ['ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', { refund_amount: '100.01' }],
    ['ACQ.INVALID_PARAMETER', { refund_amount: '0.00' }],
    ['ACQ.INVALID_PARAMETER', { refund_amount: '1.001' }],
    ['ACQ.INVALID_PARAMETER', { out_request_no: undefined }],
    ['ACQ.TRADE_NOT_EXIST', { trade_no: '9' }],
    ['ACQ.INVALID_PARAMETER', { refund_royalty_parameters: [{ trans_out: 'a' }] }],
    [
      'ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST',
      { refund_royalty_parameters: [{ trans_out: 'a', amount: '1.00' }] },
    ],
  ])('refuses with %s: %j', async (subCode, more) => {
    const answer = await call(sdk, REFUND, refundOf('1.00', 'r1', more));
    expect(answer).toMatchObject({ code: '40004', subCode });
    expect(await alipay.balanceOf(shown.appId)).toBe('100.00');
  });

  it('needs the seller’s money', async () => {
    const where = `_sandbox/merchants/${shown.appId}/movements`;
    await alipay.control('POST', where, { amount: '-99.50', type: 'withdrawal' });
    const poor = await call(sdk, REFUND, refundOf('1.00', 'r1'));
    expect(poor).toMatchObject({ subCode: 'ACQ.SELLER_BALANCE_NOT_ENOUGH' });
    await alipay.control('POST', where, { amount: '0.50', type: 'top-up' });
    expect(await call(sdk, REFUND, refundOf('1.00', 'r1'))).toMatchObject({ fundChange: 'Y' });
  });

  it('O4 moves money once for 20 calls of one number at the same time', async () => {
    const calls = Array.from({ length: 20 }, () => call(sdk, REFUND, refundOf('30.00', 'r1')));
    const changes = (await Promise.all(calls)).map((answer) => answer['fundChange']);
    expect(changes.filter((change) => change === 'Y')).toHaveLength(1);
    expect(await alipay.balanceOf(shown.appId)).toBe('70.00');
  });

  it.each([
    ['timeout-after', {}, '70.00'],
    ['timeout-before', {}, '100.00'],
    ['system-error', {}, '100.00'],
    ['system-error', { then: 'succeeds' }, '70.00'],
    ['http-502', { then: 'succeeds' }, '70.00'],
    ['bad-signature', {}, '70.00'],
  ])('F16 %s %j says nothing of what happened', async (fault, more, balance) => {
    await alipay.fault({ fault, api: 'refund', match: { outBizNo: 'r1' }, ...more });
    const impatient = alipay.sdk(shown, 400);
    const outcome = await call(impatient, REFUND, refundOf('30.00', 'r1')).then(
      (answer) => answer['subCode'],
      () => 'nothing',
    );
    expect(outcome).toBe(fault === 'system-error' ? 'ACQ.SYSTEM_ERROR' : 'nothing');
    expect(await alipay.balanceOf(shown.appId)).toBe(balance);
    const again = await call(sdk, REFUND, refundOf('30.00', 'r1'));
    expect(again).toMatchObject({ code: '10000', refundFee: '30.00' });
    expect(await alipay.balanceOf(shown.appId)).toBe('70.00');
  });
});

describe('an old trade', () => {
  it('is neither refunded nor split after a year', async () => {
    const old = await alipay.control('POST', `_sandbox/merchants/${shown.appId}/trades`, {
      amount: '10.00',
      at: '2025-03-05T17:59:59Z',
    });
    expect(old).toMatchObject({ status: 'TRADE_FINISHED' });
    const wish = { trade_no: old['tradeNo'], refund_amount: '1.00', out_request_no: 'r1' };
    expect(await call(sdk, REFUND, wish)).toMatchObject({ subCode: 'ACQ.TRADE_HAS_FINISHED' });
  });
});
