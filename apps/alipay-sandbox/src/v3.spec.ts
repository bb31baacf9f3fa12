import { randomUUID, sign } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AlipaySdk } from 'alipay-sdk';

import { METHODS } from './method-names.js';
import { call, RunningSandbox, transferOf } from './running-sandbox.fixture.js';
import type { Shown, Tree } from './running-sandbox.fixture.js';

let alipay: RunningSandbox;
let shown: Shown;
let sdk: AlipaySdk;

/** What came of a call of protocol v3. */
interface Said {
  readonly status?: number;
  readonly code?: string | undefined;
  readonly data?: Tree;
  readonly error?: string;
}

async function ask(verb: 'GET' | 'POST', path: string, given: Tree = {}): Promise<Said> {
  const body = verb === 'GET' ? { query: given as Record<string, string> } : { body: given };
  try {
    const { data, responseHttpStatus } = await sdk.curl<Tree>(verb, `/v3/${path}`, body);
    return { status: responseHttpStatus, data };
  } catch (error) {
    const { code, responseHttpStatus } = error as { code?: string; responseHttpStatus?: number };
    return {
      ...(responseHttpStatus === undefined ? {} : { status: responseHttpStatus }),
      code,
      error: String(error),
    };
  }
}

const TRANSFER = 'alipay/fund/trans/uni/transfer';

beforeAll(async () => {
  alipay = await RunningSandbox.start('2026-03-05T18:00:00Z');
});

afterAll(() => alipay.stop());

beforeEach(async () => {
  await alipay.control('DELETE', '_sandbox/faults');
});

describe.each(['key', 'certificate'] as const)('protocol v3 in %s mode', (mode) => {
  beforeEach(async () => {
    shown = await alipay.merchant({ mode });
    sdk = alipay.sdk(shown);
  });

  it('R-TST-1 transfers and queries by the same books as v2', async () => {
    const sent = await ask('POST', TRANSFER, transferOf('n1'));
    expect(sent).toMatchObject({ status: 200, data: { status: 'SUCCESS', out_biz_no: 'n1' } });
    expect(sent.data).not.toHaveProperty('code');
    const again = await call(sdk, METHODS.transfer.method, transferOf('n1'));
    expect(again).toMatchObject({ code: '10000', orderId: sent.data?.['order_id'] });
    const question = { out_biz_no: 'n1', product_code: 'TRANS_ACCOUNT_NO_PWD' };
    const scene = { biz_scene: 'DIRECT_TRANSFER' };
    const found = await ask('GET', 'alipay/fund/trans/common/query', { ...question, ...scene });
    expect(found).toMatchObject({ data: { status: 'SUCCESS', trans_amount: '12.30' } });
    expect(await alipay.balanceOf(shown.appId)).toBe('987.70');
  });

  it('answers with a status and the sub-code where v2 has a node', async () => {
    const tooMuch = await ask('POST', TRANSFER, transferOf('n1', { trans_amount: '1000.01' }));
    expect(tooMuch).toMatchObject({ status: 400, code: 'PAYER_BALANCE_NOT_ENOUGH' });
    const other = await alipay.merchant({ mode });
    const { privateKey } = other.alipay;
    sdk = alipay.sdk({ ...shown, alipay: { ...shown.alipay, privateKey } });
    const wrong = await ask('POST', TRANSFER, transferOf('n1'));
    expect(wrong).toMatchObject({ status: 400, code: 'invalid-signature' });
  });
});

describe('protocol v3', () => {
  beforeEach(async () => {
    shown = await alipay.merchant();
    sdk = alipay.sdk(shown);
  });

  it('knows no app that was never put, and nobody without a signature', async () => {
    sdk = alipay.sdk({ ...shown, alipay: { ...shown.alipay, appId: '2099' } });
    expect(await ask('POST', TRANSFER, transferOf('n1'))).toMatchObject({
      status: 400,
      code: 'invalid-app-id',
    });
    const bare = await fetch(`${alipay.url}/v3/${TRANSFER}`, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(400);
    expect(bare.headers.get('alipay-trace-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(bare.headers.get('alipay-signature')).toBeNull();
    expect(await bare.json()).toMatchObject({ code: 'missing-timestamp', links: [{}] });
  });

  it.each([
    ['now', 0, undefined, 200],
    ['eleven minutes ago', -660_000, undefined, 400],
    ['in eleven minutes', 660_000, undefined, 400],
    ['for other parameters', 0, '&type=DEPOSIT', 400],
  ])('takes what was signed %s: %i %s → %i', async (_when, offsetMs, changed, status) => {
    const path = '/v3/alipay/data/bill/balance/query?a=1';
    const [nonce, timestamp] = [randomUUID(), Date.now() + offsetMs];
    const told = `app_id=${shown.appId},nonce=${nonce},timestamp=${timestamp}`;
    const text = Buffer.from(`${told}\nGET\n${path}\n\n`);
    const signature = sign('RSA-SHA256', text, shown.alipay.privateKey).toString('base64');
    const authorization = `ALIPAY-SHA256withRSA ${told},sign=${signature}`;
    const sent = { headers: { authorization } };
    expect((await fetch(`${alipay.url}${path}${changed ?? ''}`, sent)).status).toBe(status);
  });

  it('has each method under its path, by its verb alone', async () => {
    for (const { verb, method } of Object.values(METHODS)) {
      const path = method.replaceAll('.', '/');
      const right = await ask(verb, path, { nothing: 'x' });
      expect([method, right.code === 'invalid-method', right.error ?? '']).toEqual([
        method,
        false,
        expect.not.stringMatching(/signature|insufficient/),
      ]);
      const wrong = await ask(verb === 'GET' ? 'POST' : 'GET', path, { nothing: 'x' });
      expect([method, wrong.status, wrong.code]).toEqual([method, 400, 'invalid-method']);
    }
    const none = await ask('POST', 'alipay/trade/pay', {});
    expect(none).toMatchObject({ status: 403, code: 'insufficient-isv-permissions' });
  });

  it('R-TST-1 binds, splits, asks and refunds', async () => {
    const where = `_sandbox/merchants/${shown.appId}/trades`;
    const trade = { amount: '100.00', at: '2026-03-01T00:00:00Z' };
    const { tradeNo: trade_no } = await alipay.control('POST', where, trade);
    const account = '2088000000000002';
    const receiver_list = [{ type: 'userId', account }];
    const royalty = 'alipay/trade/royalty';
    const bound = await ask('POST', `${royalty}/relation/bind`, {
      out_request_no: 'b',
      receiver_list,
    });
    expect(bound).toMatchObject({ data: { result_code: 'SUCCESS' } });
    const rate = await ask('GET', `${royalty}/rate/query`, { out_request_no: 'q' });
    expect(rate).toMatchObject({ data: { max_ratio: 30 } });
    const royalty_parameters = [{ trans_in: account, trans_in_type: 'userId', amount: 10.5 }];
    const names = { out_request_no: 's1', trade_no };
    const settle = 'alipay/trade/order/settle';
    const split = await ask('POST', settle, { ...names, royalty_parameters });
    expect(split).toMatchObject({ data: { trade_no } });
    const asked = await ask('GET', `${settle}/query`, names as Tree);
    const details = [{ amount: 10.5, state: 'SUCCESS', trans_in: account }];
    expect(asked).toMatchObject({ data: { royalty_detail_list: details } });
    const over = await ask('POST', settle, {
      ...names,
      out_request_no: 's2',
      royalty_parameters: [{ ...royalty_parameters[0], amount: 20 }],
    });
    expect(over).toMatchObject({ status: 400, code: 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR' });
    const refund = { trade_no, refund_amount: '1.00', out_request_no: 'r1' };
    const refunded = await ask('POST', 'alipay/trade/refund', refund);
    expect(refunded).toMatchObject({ data: { fund_change: 'Y' } });
  });

  it('R-TST-1 gives logs and the addresses of bills', async () => {
    const span = { start_time: '2026-03-06 00:00:00', end_time: '2026-03-07 00:00:00' };
    const log = await ask('GET', 'alipay/data/bill/accountlog/query', { ...span, page_no: '1' });
    expect(log).toMatchObject({ data: { total_size: '1', detail_list: [{ type: '充值' }] } });
    const bill = { bill_type: 'trade', bill_date: '2026-03-04' };
    const path = 'alipay/data/dataservice/bill/downloadurl/query';
    const { data = {} } = await ask('GET', path, bill);
    const response = await fetch(String(data['bill_download_url']));
    expect(response.status).toBe(200);
  });

  it.each([
    ['timeout-before', {}, /timeout/i, 0],
    ['timeout-after', {}, /timeout/i, 1],
    ['bad-signature', {}, /验签失败|signature/, 1],
    ['missing-signature', {}, /type string|signature/, 1],
    ['truncated', {}, /JSON|验签失败/, 1],
    ['http-502', {}, /JSON/, 0],
    ['drop-connection', { times: 2 }, /closed|reset|ECONNRESET/, 1],
  ])('F16 %s %j', async (fault, more, says, moved) => {
    sdk = alipay.sdk(shown, 400);
    await alipay.fault({ fault, match: { outBizNo: 'f1' }, ...more });
    const said = await ask('POST', TRANSFER, transferOf('f1'));
    expect(said.error).toMatch(says);
    expect(await alipay.list(`transfers?appId=${shown.appId}`)).toHaveLength(moved);
  });

  it.each([
    ['system-error', 500, 'SYSTEM_ERROR'],
    ['rate-limited', 429, 'app-call-limited'],
  ])('F16 %s has status %i', async (fault, status, code) => {
    await alipay.fault({ fault, match: { outBizNo: 'f1' } });
    expect(await ask('POST', TRANSFER, transferOf('f1'))).toMatchObject({ status, code });
  });
});
