import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AlipayReader, connectAlipay } from '@qingfen/alipay';
import type { AlipayConnection, AlipayCredentials } from '@qingfen/alipay';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';
import { minor } from '@qingfen/money';

import { askBatch } from './ask-batch.js';
import { buildBatchRequest } from './batch-request.js';
import type { BatchItem, BatchOrder, StoredBatch } from './batch-request.js';
import { closeBatch, confirmationLink, sendBatch } from './send-batch.js';

let directory: string;
let sandbox: Sandbox;
let count = 0;

async function control(method: string, where: string, body: object = {}): Promise<unknown> {
  const sent = { method, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${sandbox.url}/_sandbox/${where}`, sent);
  return response.status === 204 ? null : response.json();
}

async function merchantTwice(
  more: object = {},
): Promise<{ connection: AlipayConnection; impatient: AlipayConnection }> {
  count += 1;
  const put = await control('PUT', `merchants/app${count}`, { balance: '100.00', ...more });
  const { alipay } = put as { alipay: AlipayCredentials };
  const connect = (timeoutMs: number): AlipayConnection =>
    connectAlipay({ ...alipay, gateway: `${sandbox.url}/gateway.do`, timeoutMs });
  return { connection: connect(10_000), impatient: connect(400) };
}

async function merchant(more: object = {}): Promise<AlipayConnection> {
  return (await merchantTwice(more)).connection;
}

function item(name: string, amountMinor: bigint): BatchItem {
  const identity = `${name}-${count}@b.cn`;
  return {
    outBizNo: `QF${name}${count}`,
    amountMinor: minor(amountMinor),
    payee: { identityType: 'ALIPAY_LOGON_ID', identity, name: '张三 & "李"' },
    remark: '货款 100% a/b\\c +1 <&> 😀\u2028',
  };
}

function request(connection: AlipayConnection, more: Partial<BatchOrder> = {}): StoredBatch {
  return buildBatchRequest({
    appId: connection.appId,
    outBatchNo: `QB${connection.appId}`,
    currency: 'CNY',
    kind: 'supplier',
    mode: 'confirmed',
    items: [item('a', 1000n), item('b', 550n)],
    ...more,
  });
}

async function accepted(stored: StoredBatch, connection: AlipayConnection): Promise<string> {
  const outcome = await sendBatch(stored, connection);
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.batchTransId;
}

async function confirm(batchTransId: string): Promise<void> {
  await control('POST', `batches/${batchTransId}/confirm`);
}

async function moved(connection: AlipayConnection): Promise<unknown[]> {
  return (await control('GET', `transfers?appId=${connection.appId}`)) as unknown[];
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-batch-'));
  sandbox = await startSandbox({ port: 0, directory, clock: { mode: 'system' } });
});

afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

beforeEach(() => control('DELETE', 'faults'));

describe.each(['key', 'certificate'] as const)('a batch in %s mode', (mode) => {
  it('R-ALI-2 goes out byte for byte, waits for its payer, and is paid detail by detail', async () => {
    const connection = await merchant({ mode });
    const stored = request(connection);
    const restored = JSON.parse(JSON.stringify(stored)) as StoredBatch;
    const batchTransId = await accepted(restored, connection);
    const sha256 = createHash('sha256').update(stored.bizContent, 'utf8').digest('hex');
    const seen = await control('GET', `requests?outBizNo=${stored.outBatchNo}`);
    expect(seen).toMatchObject([{ bizContentSha256: sha256 }]);
    const waits = { kind: 'unclear', why: 'the detail is WAIT_PAY', isKnown: true };
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({
      kind: 'found',
      status: 'WAIT_PAY',
      batchTransId,
      items: [{ answer: waits }, { answer: waits }],
    });
    const page = await (await fetch(confirmationLink(connection, batchTransId))).arrayBuffer();
    expect(new TextDecoder('gbk').decode(page)).toContain('合计15.50元');
    expect(await moved(connection)).toEqual([]);
    await confirm(batchTransId);
    const [first, second] = [`QFa${count}`, `QFb${count}`];
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({
      status: 'SUCCESS',
      items: [
        {
          outBizNo: first,
          answer: { kind: 'success', evidence: { outBizNo: first, amountMinor: 1000n } },
        },
        { outBizNo: second, answer: { kind: 'success', evidence: { amountMinor: 550n } } },
      ],
    });
    expect(await moved(connection)).toMatchObject([
      { way: 'batch', outBizNo: first, amount: '10.00', name: '张三 & "李"' },
      { way: 'batch', outBizNo: second, amount: '5.50' },
    ]);
  });
});

describe('O4 outcomes', () => {
  it.each([
    ['timeout-before', {}, 0],
    ['timeout-after', {}, 1],
    ['system-error', {}, 0],
    ['system-error', { then: 'succeeds' }, 1],
    ['drop-connection', {}, 1],
    ['bad-signature', {}, 1],
    ['missing-signature', {}, 1],
    ['truncated', {}, 1],
    ['http-502', {}, 0],
  ])('F16 %s %j is unclear, asking and sending again make one batch', async (fault, more, made) => {
    const { connection, impatient } = await merchantTwice();
    const stored = request(connection);
    const match = { appId: connection.appId };
    await control('POST', 'faults', { fault, api: 'batch', match, ...more });
    const first = fault.startsWith('timeout') ? impatient : connection;
    expect(await sendBatch(stored, first)).toMatchObject({ kind: 'unclear' });
    const asked = await askBatch(connection, stored.outBatchNo);
    expect(asked).toMatchObject({ kind: made === 1 ? 'found' : 'not-found' });
    const again = await sendBatch(stored, connection);
    const conflict = { kind: 'unclear', isConflict: true, isListed: true };
    expect(again).toMatchObject(made === 1 ? conflict : { kind: 'accepted' });
    expect(await control('GET', `batches?appId=${connection.appId}`)).toHaveLength(1);
  });

  it('F19 a batch succeeds in part, each detail with its reason', async () => {
    const connection = await merchant();
    const stored = request(connection, {
      items: [item('a', 1000n), item('b', 1000n), item('c', 9000n)],
    });
    const batchTransId = await accepted(stored, connection);
    await control('POST', `merchants/${connection.appId}/movements`, {
      amount: '10.00',
      type: 'top-up',
    });
    await control('PUT', `accounts/b-${count}@b.cn`, { status: 'frozen' });
    await confirm(batchTransId);
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({
      status: 'PART_SUCCESS',
      items: [
        { answer: { kind: 'success' } },
        {
          answer: {
            kind: 'ended',
            payeeFault: true,
            failure: { code: 'FAIL', subCode: 'BLOCK_USER_FORBBIDEN_RECIEVE' },
          },
        },
        { answer: { kind: 'success' } },
      ],
    });
    expect(await moved(connection)).toHaveLength(2);
  });

  it('an open detail stays unclear until it has ended, and a returned one is told', async () => {
    const connection = await merchant();
    const stored = request(connection);
    const batchTransId = await accepted(stored, connection);
    const open = { fault: 'processing', api: 'batch-detail', then: 'fails' };
    await control('POST', 'faults', { ...open, match: { outBizNo: `QFa${count}` } });
    const back = { fault: 'returned', api: 'batch-detail' };
    await control('POST', 'faults', { ...back, match: { outBizNo: `QFb${count}` } });
    await confirm(batchTransId);
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({
      status: 'DEALING',
      items: [{ answer: { kind: 'unclear', isKnown: true } }, { answer: { kind: 'returned' } }],
    });
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({
      status: 'PART_SUCCESS',
      items: [{ answer: { kind: 'ended', payeeFault: true } }, { answer: { kind: 'returned' } }],
    });
    expect(await control('GET', `merchants/${connection.appId}`)).toMatchObject({
      balance: '100.00',
    });
  });

  it('asks for every page of a large batch', async () => {
    const connection = await merchant({ balance: '2000.00' });
    const items = Array.from({ length: 1000 }, (_, n) => item(`n${n}x`, 100n));
    const stored = request(connection, { items });
    await confirm(await accepted(stored, connection));
    const asked = await askBatch(connection, stored.outBatchNo);
    expect(asked.kind === 'found' && asked.items.length).toBe(1000);
    const numbers = asked.kind === 'found' ? asked.items.map(({ outBizNo }) => outBizNo) : [];
    expect(numbers).toEqual(items.map(({ outBizNo }) => outBizNo));
    await control('POST', 'faults', { fault: 'system-error', api: 'batch-query', times: 1 });
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({ kind: 'unknown' });
  });

  it('without confirmation needs the contract and the money', async () => {
    const connection = await merchant({ balance: '15.49' });
    const stored = request(connection, { mode: 'direct' });
    const forbidden = { kind: 'refused', class: 'C', waitsFor: 'credentials' };
    expect(await sendBatch(stored, connection)).toMatchObject(forbidden);
    await control('PUT', `merchants/${connection.appId}`, { batchDirect: true });
    const poor = { kind: 'refused', class: 'S', waitsFor: 'funds' };
    expect(await sendBatch(stored, connection)).toMatchObject(poor);
    const topUp = { amount: '0.01', type: 'top-up' };
    await control('POST', `merchants/${connection.appId}/movements`, topUp);
    expect(await sendBatch(stored, connection)).toMatchObject({ kind: 'accepted' });
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({ status: 'SUCCESS' });
  });

  it('F20 a notification of its end names it, and is believed only when Alipay signed it', async () => {
    const received: Record<string, string>[] = [];
    const receiver = createServer((told, response) => {
      let text = '';
      told.on('data', (chunk: Buffer) => (text += chunk.toString()));
      told.on('end', () => {
        received.push(Object.fromEntries(new URLSearchParams(text)));
        response.end('success');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const connection = await merchant({ notifyUrl: `http://127.0.0.1:${port}/` });
    const stored = request(connection);
    await confirm(await accepted(stored, connection));
    const deadline = performance.now() + 10_000;
    while (received.length === 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    const [form = {}] = received;
    const reader = new AlipayReader(connection);
    expect(reader.verifyNotification(form)).toMatchObject({
      kind: 'genuine',
      method: 'alipay.fund.batch.order.changed',
      outBatchNo: stored.outBatchNo,
      outBizNo: null,
    });
    const forged = { ...form, biz_content: (form['biz_content'] ?? '').replace('15.50', '99.50') };
    expect(reader.verifyNotification(forged)).toMatchObject({ kind: 'refused' });
  });

  it('closes a batch until it is confirmed', async () => {
    const connection = await merchant();
    const stored = request(connection);
    const batchTransId = await accepted(stored, connection);
    expect(await closeBatch(connection, batchTransId)).toEqual({ kind: 'closed' });
    expect(await askBatch(connection, stored.outBatchNo)).toMatchObject({
      status: 'DISUSE',
      items: [{ answer: { kind: 'ended', payeeFault: false } }, {}],
    });
    const next = request(connection, { outBatchNo: 'QB2' });
    const paid = await accepted(next, connection);
    await confirm(paid);
    const late = { kind: 'refused', class: 'N', failure: { subCode: 'ORDER_STATUS_INVALID' } };
    expect(await closeBatch(connection, paid)).toMatchObject(late);
  });

  it.each([
    ['rate-limited', {}, { kind: 'refused', class: 'S', waitsFor: 'rate' }],
    ['sub-code', { subCode: 'SECURITY_CHECK_FAILED' }, { kind: 'refused', class: 'R' }],
    ['sub-code', { subCode: 'OF_TOMORROW' }, { kind: 'unclear', isListed: false }],
  ])('F19 %s %j', async (fault, more, expected) => {
    const connection = await merchant();
    const match = { appId: connection.appId };
    await control('POST', 'faults', { fault, api: 'batch', match, ...more });
    expect(await sendBatch(request(connection), connection)).toMatchObject(expected);
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const { sdk, ...rest } = await merchant();
    sdk.config.gateway = 'http://127.0.0.1:1/gateway.do';
    const connection = { sdk, ...rest };
    expect(await sendBatch(request(connection), connection)).toMatchObject({ kind: 'not-sent' });
    expect(await askBatch(connection, 'QB1')).toMatchObject({ kind: 'not-sent' });
  });

  it('refuses a request that is another merchant’s, or would not go out as stored', async () => {
    const connection = await merchant();
    const stored = request(connection);
    const bad: StoredBatch[] = [
      { ...stored, appId: 'other' },
      { ...stored, outBatchNo: 'other' },
      { ...stored, bizContent: ` ${stored.bizContent}` },
      { ...stored, bizContent: stored.bizContent.replace('"remark"', '"reMark"') },
    ];
    for (const one of bad) await expect(sendBatch(one, connection)).rejects.toThrow(/stored/);
    expect(await control('GET', `requests?outBizNo=${stored.outBatchNo}`)).toEqual([]);
  });
});
