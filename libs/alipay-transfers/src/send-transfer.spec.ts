import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAlipay } from '@qingfen/alipay';
import type { AlipayConnection, AlipayCredentials } from '@qingfen/alipay';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';
import { minor } from '@qingfen/money';

import { sendTransfer } from './send-transfer.js';
import { buildTransferRequest } from './transfer-request.js';
import type { StoredRequest, TransferOrder } from './transfer-request.js';

let directory: string;
let sandbox: Sandbox;
let count = 0;

interface Requested {
  readonly bizContentSha256: string;
  readonly executed: boolean;
}

async function control(method: string, where: string, body: object = {}): Promise<unknown> {
  const sent = { method, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${sandbox.url}/_sandbox/${where}`, sent);
  return response.status === 204 ? null : response.json();
}

/** A merchant's two connections: one waits long enough for a busy machine, one gives up early. */
async function merchantTwice(
  mode: 'key' | 'certificate' = 'key',
  balance = '100.00',
): Promise<{ connection: AlipayConnection; impatient: AlipayConnection }> {
  count += 1;
  const put = await control('PUT', `merchants/app${count}`, { balance, mode });
  const { alipay } = put as { alipay: AlipayCredentials };
  const connect = (timeoutMs: number): AlipayConnection =>
    connectAlipay({ ...alipay, gateway: `${sandbox.url}/gateway.do`, timeoutMs });
  return { connection: connect(10_000), impatient: connect(400) };
}

async function merchant(...how: Parameters<typeof merchantTwice>): Promise<AlipayConnection> {
  return (await merchantTwice(...how)).connection;
}

function request(connection: AlipayConnection, more: Partial<TransferOrder> = {}): StoredRequest {
  return buildTransferRequest({
    appId: connection.appId,
    outBizNo: `QF${connection.appId}`,
    amountMinor: minor(1230n),
    currency: 'CNY',
    kind: 'supplier',
    payee: { identityType: 'ALIPAY_LOGON_ID', identity: 'a+b@c.cn', name: '张三 & "李"' },
    remark: '货款 100% a/b\\c +1 <&> 😀\u2028',
    ...more,
  });
}

async function moved(connection: AlipayConnection): Promise<unknown[]> {
  return (await control('GET', `transfers?appId=${connection.appId}`)) as unknown[];
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-transfers-'));
  sandbox = await startSandbox({ port: 0, directory, clock: { mode: 'system' } });
});

afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

beforeEach(() => control('DELETE', 'faults'));

describe.each(['key', 'certificate'] as const)('a transfer in %s mode', (mode) => {
  it('goes over the wire byte for byte as it is stored, at every send', async () => {
    const connection = await merchant(mode);
    const stored = request(connection);
    const restored = JSON.parse(JSON.stringify(stored)) as StoredRequest;
    const first = await sendTransfer(stored, connection);
    const again = await sendTransfer(restored, connection);
    const evidence = { outBizNo: stored.outBizNo, amountMinor: null };
    expect(first).toMatchObject({ kind: 'accepted', evidence });
    expect(again).toEqual(first);
    const sha256 = createHash('sha256').update(stored.bizContent, 'utf8').digest('hex');
    const seen = (await control('GET', `requests?outBizNo=${stored.outBizNo}`)) as Requested[];
    expect(seen.map(({ bizContentSha256 }) => bizContentSha256)).toEqual([sha256, sha256]);
    expect(seen.map(({ executed }) => executed)).toEqual([true, false]);
    const [transfer] = await moved(connection);
    expect(transfer).toMatchObject({ amount: '12.30', attempts: 2, name: '张三 & "李"' });
  });
});

describe('O4 outcomes', () => {
  it('20 sends of one number at the same time move money once', async () => {
    const connection = await merchant();
    const stored = request(connection);
    const sends = Array.from({ length: 20 }, () => sendTransfer(stored, connection));
    const kinds = new Set((await Promise.all(sends)).map(({ kind }) => kind));
    kinds.delete('unclear');
    expect([...kinds]).toEqual(['accepted']);
    expect(await moved(connection)).toHaveLength(1);
    expect(await control('GET', `merchants/${connection.appId}`)).toMatchObject({
      balance: '87.70',
    });
  });

  it.each([
    ['timeout-before', {}, 'unclear', 0],
    ['timeout-after', {}, 'unclear', 1],
    ['system-error', {}, 'unclear', 0],
    ['system-error', { then: 'succeeds' }, 'unclear', 1],
    ['system-error', { subCode: 'isp.unknow-error', then: 'succeeds' }, 'unclear', 1],
    ['processing', {}, 'unclear', 1],
    ['drop-connection', {}, 'accepted', 1],
    ['drop-connection', { times: 2 }, 'unclear', 1],
    ['slow', { delayMs: 5 }, 'accepted', 1],
    ['bad-signature', {}, 'unclear', 1],
    ['missing-signature', {}, 'unclear', 1],
    ['truncated', {}, 'unclear', 1],
    ['http-502', {}, 'unclear', 0],
    ['http-502', { then: 'succeeds' }, 'unclear', 1],
    ['returned', {}, 'accepted', 1],
    ['sub-code', { subCode: 'REQUEST_PROCESSING' }, 'unclear', 0],
  ])('F16 %s %j is %s, and the same request later ends well', async (fault, more, kind, times) => {
    const { connection, impatient } = await merchantTwice();
    const stored = request(connection);
    await control('POST', 'faults', { fault, match: { appId: connection.appId }, ...more });
    const first = fault.startsWith('timeout') ? impatient : connection;
    expect(await sendTransfer(stored, first)).toMatchObject({ kind });
    expect(await moved(connection)).toHaveLength(times);
    const later = fault === 'returned' ? 'returned' : fault === 'processing' ? kind : 'accepted';
    expect(await sendTransfer(stored, connection)).toMatchObject({ kind: later });
    expect(await moved(connection)).toHaveLength(1);
  });

  it('F16 a send given up here may still be executed there, once', async () => {
    const { connection, impatient } = await merchantTwice();
    const stored = request(connection);
    const match = { appId: connection.appId };
    await control('POST', 'faults', { fault: 'slow', delayMs: 3_000, match });
    expect(await sendTransfer(stored, impatient)).toMatchObject({ kind: 'unclear' });
    expect(await moved(connection)).toHaveLength(0);
    const busy = { kind: 'unclear', why: 'Alipay answered REQUEST_PROCESSING' };
    expect(await sendTransfer(stored, connection)).toMatchObject(busy);
    const deadline = performance.now() + 10_000;
    while ((await moved(connection)).length === 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await sendTransfer(stored, connection)).toMatchObject({ kind: 'accepted' });
    expect(await moved(connection)).toHaveLength(1);
  }, 20_000);

  it.each([
    ['rate-limited', {}, { class: 'S', waitsFor: 'rate' }],
    ['sub-code', { subCode: 'SECURITY_CHECK_FAILED' }, { class: 'R' }],
    ['sub-code', { subCode: 'PRODUCT_NOT_SIGN' }, { class: 'C', waitsFor: 'credentials' }],
    ['sub-code', { subCode: 'EXCEED_LIMIT_DM_AMOUNT' }, { class: 'S', waitsFor: 'limit' }],
    ['sub-code', { subCode: 'PAYEE_NOT_EXIST' }, { class: 'N', payeeFault: true }],
    ['sub-code', { subCode: 'REMARK_HAS_SENSITIVE_WORD' }, { class: 'N', payeeFault: false }],
  ])('F19 %s %j is refused', async (fault, more, expected) => {
    const connection = await merchant();
    await control('POST', 'faults', { fault, match: { appId: connection.appId }, ...more });
    const outcome = await sendTransfer(request(connection), connection);
    expect(outcome).toMatchObject({ kind: 'refused', ...expected });
    expect(await moved(connection)).toHaveLength(0);
  });

  it('F19 waits for funds, and the original request goes through after a top-up', async () => {
    const connection = await merchant('key', '12.29');
    const stored = request(connection);
    const poor = { kind: 'refused', class: 'S', waitsFor: 'funds' };
    expect(await sendTransfer(stored, connection)).toMatchObject(poor);
    const topUp = { amount: '0.01', type: 'top-up' };
    await control('POST', `merchants/${connection.appId}/movements`, topUp);
    expect(await sendTransfer(stored, connection)).toMatchObject({ kind: 'accepted' });
  });

  it('F18 one number with another amount is a conflict, not a payment', async () => {
    const connection = await merchant();
    await sendTransfer(request(connection), connection);
    const other = request(connection, { amountMinor: minor(1231n) });
    const conflict = { kind: 'unclear', isConflict: true, isListed: true };
    expect(await sendTransfer(other, connection)).toMatchObject(conflict);
    expect(await moved(connection)).toHaveLength(1);
  });

  it('flags a code that no list has', async () => {
    const connection = await merchant();
    const match = { appId: connection.appId };
    await control('POST', 'faults', { fault: 'sub-code', subCode: 'BRAND_NEW', match });
    const outcome = await sendTransfer(request(connection), connection);
    expect(outcome).toMatchObject({ kind: 'unclear', isListed: false });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const { sdk, ...rest } = await merchant();
    sdk.config.gateway = 'http://127.0.0.1:1/gateway.do';
    const connection = { sdk, ...rest };
    const outcome = await sendTransfer(request(connection), connection);
    expect(outcome).toMatchObject({ kind: 'not-sent' });
  });

  it('refuses a request that is another merchant’s, or would not go out as stored', async () => {
    const connection = await merchant();
    const stored = request(connection);
    const bad: StoredRequest[] = [
      { ...stored, appId: 'other' },
      { ...stored, outBizNo: 'other' },
      { ...stored, bizContent: ` ${stored.bizContent}` },
      { ...stored, bizContent: stored.bizContent.replace('"remark"', '"reMark"') },
    ];
    for (const request of bad) {
      await expect(sendTransfer(request, connection)).rejects.toThrow(/stored request/);
    }
    expect(await control('GET', `requests?outBizNo=${stored.outBizNo}`)).toEqual([]);
  });
});
