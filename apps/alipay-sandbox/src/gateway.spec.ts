import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AlipaySdk } from 'alipay-sdk';

import { startSandbox } from './server.js';
import type { Sandbox } from './server.js';

const TRANSFER = 'alipay.fund.trans.uni.transfer';
const QUERY = 'alipay.fund.trans.common.query';
const NOW = '2026-03-05T18:00:00Z'; // already the 6th in Beijing

let directory: string;
let sandbox: Sandbox;
let count = 0;

interface Shown {
  appId: string;
  balance: string;
  alipay: {
    pid: string;
    appId: string;
    privateKey: string;
    alipayPublicKey?: string;
    certificates?: { app: string; alipay: string; root: string };
  };
}

async function control(method: string, where: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${sandbox.url}${where}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === '' ? response.status : JSON.parse(text);
}

async function merchant(mode: 'key' | 'certificate', more: object = {}): Promise<Shown> {
  count += 1;
  const wish = { balance: '1000.00', mode, ...more };
  const put = await control('PUT', `/_sandbox/merchants/20260000000${count}`, wish);
  return put as Shown;
}

function sdkOf(shown: Shown, timeout = 1_000): AlipaySdk {
  const { appId, privateKey, alipayPublicKey, certificates } = shown.alipay;
  return new AlipaySdk({
    appId,
    privateKey,
    timeout,
    gateway: `${sandbox.url}/gateway.do`,
    ...(certificates === undefined
      ? { alipayPublicKey: alipayPublicKey ?? '' }
      : {
          appCertContent: certificates.app,
          alipayPublicCertContent: certificates.alipay,
          alipayRootCertContent: certificates.root,
        }),
  });
}

function request(outBizNo: string, more: object = {}): { bizContent: Record<string, unknown> } {
  return {
    bizContent: {
      out_biz_no: outBizNo,
      trans_amount: '12.30',
      product_code: 'TRANS_ACCOUNT_NO_PWD',
      biz_scene: 'DIRECT_TRANSFER',
      order_title: '8月佣金结算',
      remark: '8月佣金 50% a/b & "c"',
      payee_info: { identity: 'a@b.cn', identity_type: 'ALIPAY_LOGON_ID', name: '张三' },
      transfer_scene_name: '佣金报酬',
      transfer_scene_report_infos: [{ info_type: '佣金报酬说明', info_content: '8月' }],
      ...more,
    },
  };
}

function query(outBizNo: string): { bizContent: Record<string, unknown> } {
  return {
    bizContent: {
      out_biz_no: outBizNo,
      product_code: 'TRANS_ACCOUNT_NO_PWD',
      biz_scene: 'DIRECT_TRANSFER',
    },
  };
}

const signed = { validateSign: true };

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-sandbox-'));
  const clock = { mode: 'virtual', startMs: Date.parse(NOW) } as const;
  sandbox = await startSandbox({ port: 0, directory, clock });
});

afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

beforeEach(async () => {
  await control('DELETE', '/_sandbox/faults');
  const none = { single: null, payerDaily: null, payeeDaily: null, perSecond: null };
  await control('PUT', '/_sandbox/limits', none);
});

describe.each(['key', 'certificate'] as const)('the real SDK in %s mode', (mode) => {
  it('transfers, repeats and queries with every signature checked', async () => {
    const shown = await merchant(mode);
    const sdk = sdkOf(shown);
    const first = await sdk.exec(TRANSFER, request(`${mode}1`), signed);
    expect(first).toMatchObject({ code: '10000', status: 'SUCCESS', outBizNo: `${mode}1` });
    expect(first['orderId']).toMatch(/^20260306110070000006\d{12}$/);
    expect(first['transDate']).toBe('2026-03-06 02:00:00');
    expect(first.traceId).toMatch(/^[0-9a-f]{32}$/);
    const again = await sdk.exec(TRANSFER, request(`${mode}1`), signed);
    expect(again['orderId']).toBe(first['orderId']);
    const other = await sdk.exec(TRANSFER, request(`${mode}1`, { remark: 'x' }), signed);
    expect(other).toMatchObject({ code: '40004', subCode: 'PAYMENT_INFO_INCONSISTENCY' });
    const found = await sdk.exec(QUERY, query(`${mode}1`), signed);
    expect(found).toMatchObject({ status: 'SUCCESS', transAmount: '12.30' });
    const missing = await sdk.exec(QUERY, query('nothing'), signed);
    expect(missing).toMatchObject({ code: '40004', subCode: 'ORDER_NOT_EXIST' });
    const bizContent = { account_type: 'ACCTRANS_ACCOUNT', alipay_user_id: shown.alipay.pid };
    const balance = await sdk.exec('alipay.fund.account.query', { bizContent }, signed);
    expect(balance['availableAmount']).toBe('987.70');
  });

  it('says what is wrong with a signature', async () => {
    const right = await merchant(mode);
    const other = await merchant(mode);
    const sdk = sdkOf({
      ...right,
      alipay: { ...right.alipay, privateKey: other.alipay.privateKey },
    });
    const answer = await sdk.exec(TRANSFER, request('n1'), signed);
    expect(answer).toMatchObject({ code: '40002', subCode: 'isv.invalid-signature' });
  });
});

describe('protocol', () => {
  it('answers an unknown app without a signature', async () => {
    const shown = await merchant('key');
    const sdk = sdkOf({ ...shown, alipay: { ...shown.alipay, appId: '2099' } });
    await expect(sdk.exec(TRANSFER, request('n1'), signed)).rejects.toThrow(/signature/);
    const unchecked = await sdk.exec(TRANSFER, request('n1'));
    expect(unchecked).toMatchObject({ code: '40002', subCode: 'isv.invalid-app-id' });
  });

  it('wants the numbers of the certificates in certificate mode', async () => {
    const { alipay } = await merchant('certificate');
    const sdk = new AlipaySdk({
      appId: alipay.appId,
      privateKey: alipay.privateKey,
      gateway: `${sandbox.url}/gateway.do`,
    });
    const answer = await sdk.exec(TRANSFER, request('n1'));
    expect(answer['subCode']).toBe('isv.missing-app-cert-sn');
  });

  it('knows the method of others, but gives no permission', async () => {
    const sdk = sdkOf(await merchant('key'));
    const answer = await sdk.exec('alipay.trade.pay', { bizContent: { a: '1' } }, signed);
    expect(answer).toMatchObject({ code: '40006', subCode: 'isv.insufficient-isv-permissions' });
  });
});

describe('business', () => {
  it.each([
    ['EXCEED_LIMIT_SM_MIN_AMOUNT', { trans_amount: '0.09' }],
    ['INVALID_PARAMETER', { trans_amount: 0.1 + 0.2 }],
    ['MEMO_REQUIRED_IN_TRANSFER_ERROR', { trans_amount: '50000.00', remark: undefined }],
    ['PAYER_BALANCE_NOT_ENOUGH', { trans_amount: '1000.01' }],
    ['INVALID_PARAMETER', { payee_info: { identity: 'a', identity_type: 'ALIPAY_LOGON_ID' } }],
    ['TRANSFER_SCENE_NAME_BLANK', { transfer_scene_name: undefined }],
    ['TRANSFER_SCENE_NAME_ILLEGAL', { transfer_scene_name: '工资' }],
    ['TRANSFER_SCENE_REPORT_INFO_ILLEGAL', { transfer_scene_name: '业务结算' }],
    ['PRODUCT_NOT_SIGN', { product_code: 'STD_RED_PACKET' }],
  ])('refuses with %s', async (subCode, more) => {
    const sdk = sdkOf(await merchant('key'));
    const answer = await sdk.exec(TRANSFER, request('r1', more), signed);
    expect(answer).toMatchObject({ code: '40004', subCode });
  });

  it.each([
    ['PAYEE_USERINFO_ERROR', { name: '李四' }],
    ['BLOCK_USER_FORBBIDEN_RECIEVE', { status: 'frozen' }],
    ['PAYEE_NOT_EXIST', { status: 'missing' }],
    ['PAYEE_NOT_RELNAME_CERTIFY', { status: 'unverified' }],
  ])('answers %s for such a payee, and the number stays usable', async (subCode, account) => {
    const shown = await merchant('key');
    const sdk = sdkOf(shown);
    const identity = `${subCode}@b.cn`;
    const payee = { identity, identity_type: 'ALIPAY_LOGON_ID', name: '张三' };
    await control('PUT', `/_sandbox/accounts/${encodeURIComponent(identity)}`, account);
    const refused = await sdk.exec(TRANSFER, request('p1', { payee_info: payee }), signed);
    expect(refused['subCode']).toBe(subCode);
    const mended = { name: '张三', status: 'normal' };
    await control('PUT', `/_sandbox/accounts/${encodeURIComponent(identity)}`, mended);
    const paid = await sdk.exec(TRANSFER, request('p1', { payee_info: payee }), signed);
    expect(paid['status']).toBe('SUCCESS');
    const account2 = await control('GET', `/_sandbox/accounts/${encodeURIComponent(identity)}`);
    expect(account2).toMatchObject({
      balance: '12.30',
      movements: [{ outBizNo: 'p1', amount: '12.30', balance: '12.30', kind: 'transfer' }],
    });
  });

  it('keeps limits of the day in Beijing, and of the second', async () => {
    const sdk = sdkOf(await merchant('key'));
    await control('PUT', '/_sandbox/limits', { payerDaily: '20.00' });
    expect((await sdk.exec(TRANSFER, request('d1'), signed))['status']).toBe('SUCCESS');
    const over = await sdk.exec(TRANSFER, request('d2'), signed);
    expect(over['subCode']).toBe('EXCEED_LIMIT_DM_AMOUNT');
    await control('PUT', '/_sandbox/limits', { payerDaily: null, single: '12.29' });
    const single = await sdk.exec(TRANSFER, request('d2'), signed);
    expect(single['subCode']).toBe('EXCEED_LIMIT_SM_AMOUNT');
    await control('PUT', '/_sandbox/limits', { single: null, perSecond: 1 });
    const many = await Promise.all([1, 2, 3].map((n) => sdk.exec(TRANSFER, request(`s${n}`))));
    expect(many.some((answer) => answer.code === '40005')).toBe(true);
  });

  it('O4 moves money once for 20 calls of one number at the same time', async () => {
    const shown = await merchant('key');
    const sdk = sdkOf(shown, 5_000);
    const calls = Array.from({ length: 20 }, () => sdk.exec(TRANSFER, request('same'), signed));
    const answers = await Promise.all(calls);
    const orders = answers.flatMap((answer) => (answer['orderId'] as string | undefined) ?? []);
    expect(new Set(orders).size).toBe(1);
    const rest = answers.filter((answer) => answer.code !== '10000');
    expect(rest.every((answer) => answer['subCode'] === 'REQUEST_PROCESSING')).toBe(true);
    const transfers = await control('GET', `/_sandbox/transfers?appId=${shown.appId}`);
    expect(transfers).toMatchObject([{ outBizNo: 'same', amount: '12.30', attempts: 20 }]);
    const after = await control('GET', `/_sandbox/merchants/${shown.appId}`);
    expect(after).toMatchObject({ balance: '987.70' });
  });
});

describe('faults', () => {
  const fault = (wish: object): Promise<unknown> => control('POST', '/_sandbox/faults', wish);

  async function outcome(sdk: AlipaySdk, outBizNo: string): Promise<string> {
    try {
      const answer = await sdk.exec(TRANSFER, request(outBizNo), signed);
      return (answer['subCode'] as string | undefined) ?? String(answer['status']);
    } catch (error) {
      return String(error);
    }
  }

  it.each([
    ['timeout-before', {}, /timeout/, 0],
    ['timeout-after', {}, /timeout/, 1],
    ['system-error', {}, /^SYSTEM_ERROR$/, 0],
    ['system-error', { then: 'succeeds' }, /^SYSTEM_ERROR$/, 1],
    ['system-error', { subCode: 'isp.unknow-error' }, /^isp.unknow-error$/, 0],
    ['drop-connection', { times: 2 }, /closed|reset|ECONNRESET/, 1],
    ['drop-connection', { times: 2, then: 'fails' }, /closed|reset|ECONNRESET/, 0],
    ['drop-connection', {}, /^SUCCESS$/, 1],
    ['slow', { delayMs: 20 }, /^SUCCESS$/, 1],
    ['bad-signature', {}, /验签失败/, 1],
    ['missing-signature', {}, /type string|signature/, 1],
    ['truncated', {}, /Response 格式错误/, 1],
    ['http-502', {}, /status: 502/, 0],
    ['http-502', { then: 'succeeds' }, /status: 502/, 1],
    ['rate-limited', {}, /^isv.app-call-limited$/, 0],
    ['sub-code', { subCode: 'SECURITY_CHECK_FAILED' }, /^SECURITY_CHECK_FAILED$/, 0],
    ['processing', {}, /^DEALING$/, 1],
    ['returned', {}, /^SUCCESS$/, 1],
  ])('F16 %s %j', async (kind, more, says, moved) => {
    const shown = await merchant('key');
    const sdk = sdkOf(shown, 300);
    await fault({ fault: kind, match: { outBizNo: 'f1' }, ...more });
    expect(await outcome(sdk, 'f1')).toMatch(says);
    const transfers = (await control(
      'GET',
      `/_sandbox/transfers?appId=${shown.appId}`,
    )) as object[];
    expect(transfers).toHaveLength(moved);
    const where = `/_sandbox/requests?outBizNo=f1&appId=${shown.appId}`;
    const [first] = (await control('GET', where)) as object[];
    expect(first).toMatchObject({ fault: kind, executed: moved === 1, verified: true });
  });

  it.each([
    ['succeeds', 'SUCCESS', '987.70'],
    ['fails', 'FAIL', '1000.00'],
  ])('a transfer in process that %s', async (then, status, balance) => {
    const shown = await merchant('key');
    const sdk = sdkOf(shown);
    await fault({ fault: 'processing', match: { appId: shown.appId }, then, afterQueries: 2 });
    await sdk.exec(TRANSFER, request('q1'), signed);
    const seen: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      seen.push((await sdk.exec(QUERY, query('q1'), signed))['status']);
    }
    expect(seen).toEqual(['DEALING', 'DEALING', status, status]);
    const after = await control('GET', `/_sandbox/merchants/${shown.appId}`);
    expect(after).toMatchObject({ balance });
  });

  it('F17 a query that does not find at first', async () => {
    const sdk = sdkOf(await merchant('key'));
    await sdk.exec(TRANSFER, request('q2'), signed);
    await fault({ fault: 'query-not-found-first', afterQueries: 2, match: { outBizNo: 'q2' } });
    const seen: unknown[] = [];
    for (let n = 0; n < 3; n += 1) {
      const answer = await sdk.exec(QUERY, query('q2'), signed);
      seen.push(answer['subCode'] ?? answer['status']);
    }
    expect(seen).toEqual(['ORDER_NOT_EXIST', 'ORDER_NOT_EXIST', 'SUCCESS']);
  });

  it('money that comes back', async () => {
    const shown = await merchant('key');
    const sdk = sdkOf(shown);
    await fault({ fault: 'returned', match: { appId: shown.appId } });
    expect((await sdk.exec(TRANSFER, request('b1'), signed))['status']).toBe('SUCCESS');
    expect((await sdk.exec(QUERY, query('b1'), signed))['status']).toBe('REFUND');
    const after = await control('GET', `/_sandbox/merchants/${shown.appId}`);
    expect(after).toMatchObject({ balance: '1000.00' });
  });

  it('hits a share of calls, the same ones for the same seed', async () => {
    const shown = await merchant('key');
    const sdk = sdkOf(shown);
    const wish = { fault: 'sub-code', subCode: 'SYSTEM_ERROR', rate: 0.5, seed: 7 };
    await fault({ ...wish, match: { appId: shown.appId } });
    const numbers = Array.from({ length: 20 }, (_, n) => `seed${n}`);
    const hit = await Promise.all(numbers.map((number) => outcome(sdk, number)));
    const errors = hit.filter((text) => text === 'SYSTEM_ERROR').length;
    expect(errors).toBeGreaterThan(3);
    expect(errors).toBeLessThan(17);
    expect(await control('GET', '/_sandbox/faults')).toMatchObject([{ left: null, hits: errors }]);
  });

  it('refuses wishes that mean nothing', async () => {
    expect(await fault({ fault: 'slow', then: 'fails' })).toMatchObject({ status: 422 });
    expect(await fault({ fault: 'sub-code' })).toMatchObject({ status: 422 });
    expect(await fault({ fault: 'unknown' })).toMatchObject({ status: 422 });
    expect(await fault({ fault: 'slow', more: 1 })).toMatchObject({ status: 422 });
  });
});

describe('control side', () => {
  it('is for programs on this machine only', async () => {
    const origin = await fetch(`${sandbox.url}/_sandbox/transfers`, {
      headers: { origin: 'http://evil.example' },
    });
    expect(origin.status).toBe(403);
    const { request: ask } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const url = `${sandbox.url}/_sandbox/transfers`;
      ask(url, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('keeps a balance that a later PUT does not name, and books movements', async () => {
    const shown = await merchant('key');
    const where = `/_sandbox/merchants/${shown.appId}`;
    expect(await control('PUT', where, {})).toEqual(shown);
    const fee = { amount: '-0.60', type: 'fee' };
    expect(await control('POST', `${where}/movements`, fee)).toMatchObject({ balance: '999.40' });
    expect(await control('GET', '/_sandbox/merchants/9')).toMatchObject({ status: 404 });
  });
});
