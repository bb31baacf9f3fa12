import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AlipaySdk } from 'alipay-sdk';

import { call, RunningSandbox } from './running-sandbox.fixture.js';
import type { Shown, Tree } from './running-sandbox.fixture.js';

const BIND = 'alipay.trade.royalty.relation.bind';
const UNBIND = 'alipay.trade.royalty.relation.unbind';
const RELATIONS = 'alipay.trade.royalty.relation.batchquery';
const RATE = 'alipay.trade.royalty.rate.query';
const SETTLE = 'alipay.trade.order.settle';
const SETTLE_QUERY = 'alipay.trade.order.settle.query';
const UNSETTLED = 'alipay.trade.order.onsettle.query';
const REFUND = 'alipay.trade.refund';

let alipay: RunningSandbox;
let shown: Shown;
let sdk: AlipaySdk;
let tradeNo: string;
let count = 0;
/** Payees of this test alone. */
let a: string;
let b: string;

async function pay(more: Tree = {}): Promise<Tree> {
  const where = `_sandbox/merchants/${shown.appId}/trades`;
  return alipay.control('POST', where, { amount: '100.00', at: '2026-03-01T00:00:00Z', ...more });
}

function receiver(account: string): Tree {
  return { type: 'loginName', account, name: '张三' };
}

function leg(account: string, amount: unknown, more: Tree = {}): Tree {
  const names = { trans_in: account, trans_in_type: 'loginName', royalty_scene: '达人佣金' };
  return { royalty_type: 'transfer', ...names, amount, desc: '佣金', ...more };
}

function splitOf(outRequestNo: string, legs: readonly Tree[], more: Tree = {}): Tree {
  const names = { out_request_no: outRequestNo, trade_no: tradeNo };
  return { ...names, ...(legs.length === 0 ? {} : { royalty_parameters: legs }), ...more };
}

async function settleQuery(outRequestNo: string): Promise<Tree[]> {
  const question = { out_request_no: outRequestNo, trade_no: tradeNo };
  return (await call(sdk, SETTLE_QUERY, question))['royaltyDetailList'] as Tree[];
}

beforeAll(async () => {
  alipay = await RunningSandbox.start('2026-03-05T18:00:00Z');
});

afterAll(() => alipay.stop());

beforeEach(async () => {
  await alipay.control('DELETE', '_sandbox/faults');
  count += 1;
  [a, b] = [`a${count}@x.cn`, `b${count}@x.cn`];
  shown = await alipay.merchant({ balance: '0.00' });
  sdk = alipay.sdk(shown);
  tradeNo = String((await pay())['tradeNo']);
  await call(sdk, BIND, { out_request_no: 'bind', receiver_list: [receiver(a), receiver(b)] });
});

describe('royalty relations', () => {
  it('R-TST-1 are bound, listed in pages, bound again and unbound', async () => {
    const list = { out_request_no: 'q1', page_num: 1, page_size: 1 };
    expect(await call(sdk, RELATIONS, list)).toMatchObject({
      resultCode: 'SUCCESS',
      receiverList: [{ type: 'loginName', account: a, loginName: a }],
      totalPageNum: 2,
      totalRecordNum: 2,
      currentPageNum: 1,
      currentPageSize: 1,
    });
    const again = { out_request_no: 'b2', receiver_list: [{ ...receiver(a), memo: 'x' }] };
    expect(await call(sdk, BIND, again)).toMatchObject({ resultCode: 'SUCCESS' });
    const off = { out_request_no: 'u1', receiver_list: [receiver(a)] };
    expect(await call(sdk, UNBIND, off)).toMatchObject({ resultCode: 'SUCCESS' });
    expect(await call(sdk, RELATIONS, { out_request_no: 'q2' })).toMatchObject({
      receiverList: [{ account: b }],
      totalRecordNum: 1,
    });
    const split = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    expect(split).toMatchObject({ subCode: 'ACQ.ROYALTY_RECEIVER_INVALID' });
  });

  it.each([
    ['RECEIVER_LIST_EMPTY', { receiver_list: [] }],
    ['RECEIVER_LIST_OVERLOAD', { receiver_list: Array.from({ length: 21 }, () => receiver('c')) }],
    ['INVALID_RECEIVER_TYPE', { receiver_list: [{ type: 'card', account: 'c' }] }],
    ['INVALID_PARAMETER', { receiver_list: [{ type: 'loginName', account: 'c@x.cn' }] }],
    ['INVALID_PARAMETER', { out_request_no: 'a-b' }],
  ])('are refused with %s: %#', async (subCode, more) => {
    const biz = { out_request_no: 'b1', receiver_list: [receiver('c@x.cn')], ...more };
    expect(await call(sdk, BIND, biz)).toMatchObject({ code: '40004', subCode });
  });

  it.each([
    ['USER_NOT_EXIST', { status: 'missing' }],
    ['USERNAME_NOT_MATCH', { name: '李四' }],
    ['RECEIVER_ACCOUNT_NOT_CERTIFY', { status: 'unverified' }],
    ['RECEIVER_ACCOUNT_STATE_INVALID', { status: 'frozen' }],
  ])('answer %s for such an account', async (subCode, account) => {
    await alipay.control('PUT', `_sandbox/accounts/${a}`, account);
    const biz = { out_request_no: 'b1', receiver_list: [receiver(a)] };
    expect(await call(sdk, BIND, biz)).toMatchObject({ subCode });
  });

  it('tell the cap, 30 % unless the contract says otherwise', async () => {
    const usual = await call(sdk, RATE, { out_request_no: 'q1' });
    expect(usual).toMatchObject({ userId: shown.alipay.pid, maxRatio: 30 });
    await alipay.control('PUT', `_sandbox/merchants/${shown.appId}`, { royaltyRatio: 80 });
    expect(await call(sdk, RATE, { out_request_no: 'q1' })).toMatchObject({ maxRatio: 80 });
    await alipay.control('PUT', `_sandbox/merchants/${shown.appId}`, { royaltyRatio: null });
    const none = await call(sdk, RATE, { out_request_no: 'q1' });
    expect(none).toMatchObject({ subCode: 'PRODUCT_UNSIGN' });
    const split = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    expect(split).toMatchObject({ subCode: 'ACQ.NOT_SUPPORT_ROYALTY' });
  });
});

describe('a split', () => {
  it('R-TST-1 moves each share once, and the same request again moves nothing', async () => {
    const biz = splitOf('s1', [leg(a, '20.00'), leg(b, 10)]);
    const first = await call(sdk, SETTLE, biz);
    expect(first).toMatchObject({ code: '10000', tradeNo });
    expect(first['settleNo']).toMatch(/^20260306\d{24}$/);
    expect(await call(sdk, SETTLE, biz)).toMatchObject({ settleNo: first['settleNo'] });
    expect(await alipay.balanceOf(shown.appId)).toBe('70.00');
    expect([await alipay.accountBalance(a), await alipay.accountBalance(b)]).toEqual([
      '20.00',
      '10.00',
    ]);
    expect(await alipay.list(`transfers?appId=${shown.appId}`)).toMatchObject([
      { way: 'royalty', outBizNo: 's1', identity: a, amount: '20.00', tradeNo, attempts: 2 },
      { way: 'royalty', outBizNo: 's1', identity: b, amount: '10.00', status: 'SUCCESS' },
    ]);
    const byNo = await call(sdk, SETTLE_QUERY, { settle_no: first['settleNo'] });
    expect(byNo).toMatchObject({ outRequestNo: 's1', operationDt: '2026-03-06 02:00:00' });
    expect(byNo['royaltyDetailList']).toMatchObject([
      { operationType: 'transfer', amount: 20, state: 'SUCCESS', transOut: shown.alipay.pid },
      { operationType: 'transfer', amount: 10, state: 'SUCCESS' },
    ]);
    const options = { trade_no: tradeNo, query_options: ['TRADE_SETTLE_INFO'] };
    const trade = await call(sdk, 'alipay.trade.query', options);
    expect(trade).toMatchObject({
      tradeSettleInfo: { tradeSettleDetailList: [{ amount: '20.00' }, { amount: '10.00' }] },
    });
  });

  it('F18 one number with other contents, or for another trade, is refused', async () => {
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    const other = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.01')]));
    expect(other).toMatchObject({ subCode: 'ACQ.DISCORDANT_REPEAT_REQUEST' });
    tradeNo = String((await pay())['tradeNo']);
    const elsewhere = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    expect(elsewhere).toMatchObject({ subCode: 'ACQ.DUP_OUT_REQUEST_NO' });
    expect(await alipay.accountBalance(a)).toBe('1.00');
  });

  it('stays under the cap, earlier splits and refunds counted', async () => {
    const over = 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR';
    const first = await call(sdk, SETTLE, splitOf('s1', [leg(a, '30.01')]));
    expect(first).toMatchObject({ subCode: over });
    expect(await call(sdk, SETTLE, splitOf('s1', [leg(a, '20.00')]))).toMatchObject({ tradeNo });
    const second = await call(sdk, SETTLE, splitOf('s2', [leg(a, '6.00'), leg(b, '4.01')]));
    expect(second).toMatchObject({ subCode: over });
    await call(sdk, REFUND, { trade_no: tradeNo, refund_amount: '20.00', out_request_no: 'r1' });
    const third = await call(sdk, SETTLE, splitOf('s2', [leg(a, '4.01')]));
    expect(third).toMatchObject({ subCode: over });
    expect(await call(sdk, SETTLE, splitOf('s2', [leg(a, '4.00')]))).toMatchObject({ tradeNo });
  });

  it('takes percentages of what was paid, cut to the fen', async () => {
    tradeNo = String((await pay({ amount: '9.99' }))['tradeNo']);
    const share = leg(a, undefined, { amount_percentage: 25 });
    expect(await call(sdk, SETTLE, splitOf('s1', [share]))).toMatchObject({ tradeNo });
    expect(await alipay.accountBalance(a)).toBe('2.49');
  });

  it.each([
    ['ACQ.INVALID_PARAMETER', () => splitOf('a-b', [leg(a, '1.00')])],
    ['ACQ.INVALID_PARAMETER', () => splitOf('s1', [])],
    ['ACQ.INVALID_PARAMETER', () => splitOf('s1', [leg(a, '0.00')])],
    ['ACQ.INVALID_PARAMETER', () => splitOf('s1', [leg(a, '1.001')])],
    ['ACQ.INVALID_PARAMETER', () => splitOf('s1', [leg(a, '1.00')], { royalty_mode: 'later' })],
    [
      'ACQ.REPLENISH_ACCOUNT_INVALID',
      () => splitOf('s1', [leg(a, '1', { royalty_type: 'replenish' })]),
    ],
    ['ACQ.TRADE_NOT_EXIST', () => splitOf('s1', [leg(a, '1.00')], { trade_no: '1' })],
    ['ACQ.ROYALTY_RECEIVER_INVALID', () => splitOf('s1', [leg('c@x.cn', '1.00')])],
    ['ACQ.ROYALTY_ACCOUNTS_EQUAL', () => splitOf('s1', [leg(shown.alipay.pid, '1.00')])],
  ])('is refused with %s: %#', async (subCode, biz) => {
    expect(await call(sdk, SETTLE, biz())).toMatchObject({ code: '40004', subCode });
  });

  it.each([
    ['ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST', { status: 'missing' }],
    ['ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY', { status: 'unverified' }],
    ['ACQ.ROYALTY_ACCOUNT_INVALID', { status: 'frozen' }],
    ['ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH', { name: '李四' }],
  ])('F19 is refused whole with %s, and succeeds when that is mended', async (subCode, account) => {
    await alipay.control('PUT', `_sandbox/accounts/${b}`, account);
    const named = leg(b, '1.00', { trans_in_name: '张三' });
    const biz = splitOf('s1', [leg(a, '1.00'), named]);
    expect(await call(sdk, SETTLE, biz)).toMatchObject({ subCode });
    expect(await alipay.accountBalance(a)).toBe('0.00');
    await alipay.control('PUT', `_sandbox/accounts/${b}`, { status: 'normal', name: '张三' });
    expect(await call(sdk, SETTLE, biz)).toMatchObject({ code: '10000' });
    expect(await alipay.accountBalance(b)).toBe('1.00');
  });

  it('waits 30 seconds after the payment, and for money', async () => {
    tradeNo = String((await pay({ at: '2026-03-05T17:59:31Z' }))['tradeNo']);
    const early = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    expect(early).toMatchObject({ subCode: 'ACQ.TRADE_SETTLE_ERROR' });
    tradeNo = String((await pay({ at: '2026-03-05T17:59:30Z' }))['tradeNo']);
    const where = `_sandbox/merchants/${shown.appId}/movements`;
    await alipay.control('POST', where, { amount: '-299.50', type: 'withdrawal' });
    const poor = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    expect(poor).toMatchObject({ subCode: 'ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH' });
    await alipay.control('POST', where, { amount: '0.50', type: 'top-up' });
    expect(await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]))).toMatchObject({ tradeNo });
  });

  it('F19 is limited to so many of one seller in a second', async () => {
    await alipay.control('PUT', '_sandbox/limits', { settlePerSecond: 2 });
    const many = Array.from({ length: 8 }, (_, n) =>
      call(sdk, SETTLE, splitOf(`s${n}`, [leg(a, '0.01')])),
    );
    const codes = (await Promise.all(many)).map((answer) => answer['subCode']);
    await alipay.control('PUT', '_sandbox/limits', { settlePerSecond: 30 });
    expect(codes).toContain('ACQ.FREQUENCY_LIMITED');
    const moved = codes.filter((code) => code === undefined).length;
    expect(await alipay.accountBalance(a)).toBe(`0.0${moved}`);
  });

  it.each([
    ['timeout-after', {}, '5.00'],
    ['timeout-before', {}, '0.00'],
    ['system-error', {}, '0.00'],
    ['system-error', { subCode: 'ACQ.TRADE_SETTLE_ERROR', then: 'succeeds' }, '5.00'],
    ['drop-connection', { times: 2 }, '5.00'],
    ['missing-signature', {}, '5.00'],
  ])('F16 %s %j: the same request again tells', async (fault, more, moved) => {
    await alipay.fault({ fault, api: 'settle', match: { identity: a }, ...more });
    const biz = splitOf('s1', [leg(a, '5.00')]);
    await call(alipay.sdk(shown, 400), SETTLE, biz).catch(() => undefined);
    expect(await alipay.accountBalance(a)).toBe(moved);
    expect(await call(sdk, SETTLE, biz)).toMatchObject({ code: '10000', tradeNo });
    expect(await alipay.accountBalance(a)).toBe('5.00');
  });
});

describe('a trade whose money is frozen for splitting', () => {
  it('R-TST-1 pays shares from it, and the end releases the rest', async () => {
    tradeNo = String((await pay({ royaltyFreeze: true }))['tradeNo']);
    const unsettled = async (source?: string): Promise<unknown> => {
      const biz = {
        trade_no: tradeNo,
        ...(source === undefined ? {} : { royalty_source: source }),
      };
      return (await call(sdk, UNSETTLED, biz))['unsettledAmount'];
    };
    expect([await unsettled('unsettled'), await unsettled()]).toEqual(['100.00', '0.00']);
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '12.34')]));
    expect(await unsettled('unsettled')).toBe('87.66');
    const part = splitOf('s2', [], { extend_params: { royalty_finish_amount: '7.66' } });
    expect(await call(sdk, SETTLE, part)).toMatchObject({ code: '10000' });
    expect([await unsettled('unsettled'), await unsettled()]).toEqual(['80.00', '7.66']);
    const end = splitOf('s3', [], { extend_params: { royalty_finish: 'true' } });
    expect(await call(sdk, SETTLE, end)).toMatchObject({ code: '10000' });
    expect([await unsettled('unsettled'), await unsettled()]).toEqual(['0.00', '0.00']);
    const after = await call(sdk, SETTLE, splitOf('s4', [leg(a, '1.00')]));
    expect(after).toMatchObject({ subCode: 'ACQ.ALREADY_FINISH_ALLOC' });
    const [, trade] = await alipay.list(`merchants/${shown.appId}/trades`);
    expect(trade).toMatchObject({ split: '12.34', frozen: '0.00', finished: true });
    const question = { account_type: 'ACCTRANS_ACCOUNT' };
    const balance = await call(sdk, 'alipay.fund.account.query', question);
    expect(balance).toMatchObject({ availableAmount: '187.66', freezeAmount: '0.00' });
  });
});

describe('an asynchronous split', () => {
  const later = { royalty_mode: 'async' };

  it('F19 ends leg by leg: what fails goes back to the trade and may be tried anew', async () => {
    await alipay.control('PUT', `_sandbox/accounts/${b}`, { status: 'frozen' });
    const biz = splitOf('s1', [leg(a, '20.00'), leg(b, '10.00')], later);
    expect(await call(sdk, SETTLE, biz)).toMatchObject({ code: '10000' });
    expect(await settleQuery('s1')).toMatchObject([
      { state: 'SUCCESS', amount: 20 },
      { state: 'FAIL', amount: 10, errorCode: 'ROYALTY_ACCOUNT_INVALID' },
    ]);
    expect(await alipay.balanceOf(shown.appId)).toBe('80.00');
    await alipay.control('PUT', `_sandbox/accounts/${b}`, { status: 'normal' });
    expect(await call(sdk, SETTLE, biz)).toMatchObject({ code: '10000' });
    expect(await alipay.accountBalance(b)).toBe('0.00');
    const anew = splitOf('s2', [leg(b, '10.00')], later);
    expect(await call(sdk, SETTLE, anew)).toMatchObject({ code: '10000' });
    expect(await alipay.accountBalance(b)).toBe('10.00');
  });

  it('F19 a fault hits one leg of it', async () => {
    const match = { outBizNo: 's1', identity: b };
    const failing = { fault: 'sub-code', subCode: 'ACQ.MERCHANT_RISK_LIMIT' };
    await alipay.fault({ ...failing, api: 'royalty-detail', match });
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '2.00'), leg(b, '1.00')], later));
    expect(await settleQuery('s1')).toMatchObject([
      { state: 'SUCCESS' },
      { state: 'FAIL', errorCode: 'MERCHANT_RISK_LIMIT' },
    ]);
  });

  it('is in process until it has been asked often enough', async () => {
    const wish = { fault: 'processing', api: 'royalty-detail', then: 'fails', afterQueries: 1 };
    await alipay.fault({ ...wish, match: { identity: b } });
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '2.00'), leg(b, '1.00')], later));
    const states = async (): Promise<unknown[]> =>
      (await settleQuery('s1')).map(({ state }) => state);
    expect(await states()).toEqual(['SUCCESS', 'PROCESSING']);
    expect(await alipay.balanceOf(shown.appId)).toBe('97.00');
    expect(await states()).toEqual(['SUCCESS', 'FAIL']);
    expect(await alipay.balanceOf(shown.appId)).toBe('98.00');
  });

  it('cannot be mixed with a synchronous one', async () => {
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')], later));
    const mixed = await call(sdk, SETTLE, splitOf('s2', [leg(a, '1.00')]));
    expect(mixed).toMatchObject({ subCode: 'ACQ.INVALID_PARAMETER' });
  });
});

describe('a refund of a trade that was split', () => {
  it('R-TST-1 takes shares back first, oldest leg first', async () => {
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '4.00'), leg(b, '1.00')]));
    await call(sdk, SETTLE, splitOf('s2', [leg(a, '6.00')]));
    const refund = {
      trade_no: tradeNo,
      refund_amount: '50.00',
      out_request_no: 'r1',
      refund_royalty_parameters: [{ royalty_type: 'transfer', trans_out: a, amount: '5.00' }],
    };
    expect(await call(sdk, REFUND, refund)).toMatchObject({ fundChange: 'Y' });
    expect(await alipay.accountBalance(a)).toBe('5.00');
    expect(await alipay.balanceOf(shown.appId)).toBe('44.00');
    expect(await settleQuery('s1')).toMatchObject([
      { operationType: 'transfer', amount: 4 },
      { operationType: 'transfer_refund', amount: 4, transIn: shown.alipay.pid },
      { operationType: 'transfer', amount: 1 },
    ]);
    expect(await settleQuery('s2')).toMatchObject([
      { operationType: 'transfer', amount: 6 },
      { operationType: 'transfer_refund', amount: 1 },
    ]);
    const question = { trade_no: tradeNo, out_request_no: 'r1' };
    const asked = await call(sdk, 'alipay.trade.fastpay.refund.query', question);
    const back = [{ refundAmount: '4.00' }, { refundAmount: '1.00' }];
    expect(asked).toMatchObject({ refundStatus: 'REFUND_SUCCESS', refundRoyaltys: back });
    const [trade] = await alipay.list(`merchants/${shown.appId}/trades`);
    expect(trade).toMatchObject({ split: '6.00', refunded: '50.00' });
  });

  it.each([
    ['ACQ.ALLOC_AMOUNT_VALIDATE_ERROR', '4.01', '50.00', '4.01'],
    ['ACQ.ALLOC_AMOUNT_VALIDATE_ERROR', '4.00', '3.99', '4.00'],
    ['ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH', '4.00', '50.00', '3.99'],
  ])('is refused with %s', async (subCode, share, amount, balance) => {
    await call(sdk, SETTLE, splitOf('s1', [leg(a, '4.00')]));
    await alipay.control('PUT', `_sandbox/accounts/${a}`, { balance });
    const answer = await call(sdk, REFUND, {
      trade_no: tradeNo,
      refund_amount: amount,
      out_request_no: 'r1',
      refund_royalty_parameters: [{ trans_out: a, amount: share }],
    });
    expect(answer).toMatchObject({ subCode });
    expect(await alipay.accountBalance(a)).toBe(balance);
  });

  it('ends splitting when it was of the whole', async () => {
    await call(sdk, REFUND, { trade_no: tradeNo, refund_amount: '100.00' });
    const answer = await call(sdk, SETTLE, splitOf('s1', [leg(a, '1.00')]));
    expect(answer).toMatchObject({ subCode: 'ACQ.ALLOC_REFUSE_AFTER_REFUND' });
  });
});
