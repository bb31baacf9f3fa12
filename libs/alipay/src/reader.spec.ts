import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';

import { callAlipay } from './connection.js';
import type { AlipayCredentials } from './credentials.js';
import { AlipayReader } from './reader.js';

let directory: string;
let sandbox: Sandbox;
let receiver: Server;
let received: Record<string, string>[] = [];

async function control(method: string, where: string, body: object = {}): Promise<unknown> {
  const sent = { method, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${sandbox.url}/_sandbox/${where}`, sent);
  return response.status === 204 ? null : response.json();
}

async function merchant(appId: string, mode: 'key' | 'certificate'): Promise<AlipayCredentials> {
  const address = receiver.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const wish = { balance: '88.80', mode, notifyUrl: `http://127.0.0.1:${port}/` };
  const put = (await control('PUT', `merchants/${appId}`, wish)) as { alipay: AlipayCredentials };
  return { ...put.alipay, gateway: `${sandbox.url}/gateway.do`, timeoutMs: 500 };
}

/** A transfer made outside the library under test, which has none. */
async function transfer(reader: AlipayReader, outBizNo: string): Promise<void> {
  const answer = await callAlipay(reader.connection, 'alipay.fund.trans.uni.transfer', {
    out_biz_no: outBizNo,
    trans_amount: '1.20',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: 't',
    payee_info: { identity: 'a', identity_type: 'ALIPAY_USER_ID' },
    transfer_scene_name: '业务结算',
    transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
  });
  expect(answer.kind).not.toBe('not-sent');
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-reader-'));
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push(Object.fromEntries(new URLSearchParams(text)));
      response.end('success');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  sandbox = await startSandbox({ port: 0, directory, clock: { mode: 'system' } });
});

afterAll(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await rm(directory, { recursive: true });
});

beforeEach(() => control('DELETE', 'faults'));

describe.each(['key', 'certificate'] as const)('a reader in %s mode', (mode) => {
  it('tests the credentials, reads the balance and finds transfers', async () => {
    const reader = new AlipayReader(await merchant(`1${mode.length}`, mode));
    expect(await reader.testConnection()).toMatchObject({ ok: true, mode, code: '10000' });
    expect(await reader.queryTransfer('n1')).toEqual({ kind: 'not-found' });
    expect(await reader.askTransfer('n1')).toEqual({ kind: 'not-found' });
    await transfer(reader, 'n1');
    const found = { kind: 'found', status: 'SUCCESS', outBizNo: 'n1', amountText: '1.20' };
    expect(await reader.queryTransfer('n1')).toMatchObject(found);
    const evidence = { outBizNo: 'n1', amountMinor: 120n };
    expect(await reader.askTransfer('n1')).toMatchObject({ kind: 'success', evidence });
    const balance = { kind: 'found', availableMinor: 8760n, frozenMinor: 0n };
    expect(await reader.queryBalance()).toEqual(balance);
  });
});

describe('a test of credentials', () => {
  it('says what Alipay says, unsigned answers too', async () => {
    const right = await merchant('20', 'key');
    const other = await merchant('21', 'key');
    const stranger = new AlipayReader({ ...right, appId: '99', pid: undefined });
    const unknownApp = { ok: false, code: '40002', subCode: 'isv.invalid-app-id' };
    expect(await stranger.testConnection()).toMatchObject(unknownApp);
    const wrongKey = new AlipayReader({ ...right, privateKey: other.privateKey });
    const badSignature = { ok: false, code: '40002', subCode: 'isv.invalid-signature' };
    expect(await wrongKey.testConnection()).toMatchObject(badSignature);
    const { alipayPublicKey } = other;
    const wrongAlipay = new AlipayReader({ ...right, alipayPublicKey });
    const untrusted = { ok: false, message: 'the answer’s signature is wrong' };
    expect(await wrongAlipay.testConnection()).toMatchObject(untrusted);
    const nobody = new AlipayReader({ ...right, gateway: 'http://127.0.0.1:1/gateway.do' });
    expect(await nobody.testConnection()).toMatchObject({ ok: false, code: '' });
  });
});

describe('F17 queries that do not answer', () => {
  it.each([
    ['timeout-before', {}, { kind: 'unknown' }],
    ['drop-connection', { times: 2 }, { kind: 'unknown' }],
    ['http-502', {}, { kind: 'unknown' }],
    ['truncated', {}, { kind: 'unknown' }],
    ['bad-signature', {}, { kind: 'unknown', why: 'the answer’s signature is wrong' }],
    ['missing-signature', {}, { kind: 'unknown', why: 'the answer has no signature' }],
    ['system-error', {}, { kind: 'unknown' }],
    ['rate-limited', {}, { kind: 'refused', class: 'S', waitsFor: 'rate' }],
    ['query-not-found-first', {}, { kind: 'not-found' }],
  ])('%s', async (fault, more, expected) => {
    const reader = new AlipayReader(await merchant('30', 'key'));
    await transfer(reader, 'q1');
    await control('POST', 'faults', { fault, api: 'query', ...more });
    expect(await reader.queryTransfer('q1')).toMatchObject(expected);
    expect(await reader.queryTransfer('q1')).toMatchObject({ kind: 'found', status: 'SUCCESS' });
  });

  it('tells a transfer in process and a failed one apart', async () => {
    const reader = new AlipayReader(await merchant('31', 'key'));
    await control('POST', 'faults', { fault: 'processing', then: 'fails' });
    await transfer(reader, 'q2');
    expect(await reader.askTransfer('q2')).toMatchObject({ kind: 'unclear', isKnown: true });
    expect(await reader.askTransfer('q2')).toMatchObject({
      kind: 'ended',
      outBizNo: 'q2',
      payeeFault: true,
      failure: { code: 'FAIL', subCode: 'PAYEE_ACCOUNT_STATUS_ERROR' },
    });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const credentials = await merchant('32', 'key');
    const gateway = 'http://127.0.0.1:1/gateway.do';
    const reader = new AlipayReader({ ...credentials, gateway });
    expect(await reader.queryTransfer('q3')).toMatchObject({ kind: 'not-sent' });
  });

  it('does not call unsent what broke off before nobody listened', async () => {
    const server = createServer((request) => {
      // The SDK's client sends again by itself: by then nobody listens any more.
      server.close();
      request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const gateway = `http://127.0.0.1:${port}/gateway.do`;
    const reader = new AlipayReader({ ...(await merchant('33', 'key')), gateway });
    const outcome = await reader.queryTransfer('q4');
    expect(outcome).toMatchObject({ kind: 'unknown', why: expect.stringMatching(/ECONNREFUSED/) });
  });
});

describe('F20 notifications', () => {
  it('are believed only when Alipay signed them for this app', async () => {
    const credentials = await merchant('40', 'key');
    const reader = new AlipayReader(credentials);
    received = [];
    await transfer(reader, 'v1');
    const deadline = performance.now() + 5_000;
    while (received.length === 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const [form = {}] = received;
    expect(reader.verifyNotification(form)).toMatchObject({
      kind: 'genuine',
      method: 'alipay.fund.trans.order.changed',
      outBizNo: 'v1',
      status: 'SUCCESS',
      amountText: '1.20',
    });
    const forged: Record<string, string>[] = [
      {},
      { ...form, sign: '' },
      { ...form, app_id: '41' },
      { ...form, sign_type: 'MD5' },
      { ...form, sign_type: 'RSA' },
      { ...form, biz_content: (form['biz_content'] ?? '').replace('1.20', '9.20') },
      { ...form, extra: '%' },
    ];
    for (const bad of forged) {
      expect(reader.verifyNotification(bad)).toMatchObject({ kind: 'refused' });
    }
    const sibling = new AlipayReader({ ...credentials, appId: '41' });
    expect(sibling.verifyNotification(form)).toMatchObject({ why: 'for another app' });
  });
});
