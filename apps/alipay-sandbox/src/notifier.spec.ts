import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AlipaySdk } from 'alipay-sdk';

import { startSandbox } from './server.js';
import type { Sandbox } from './server.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const DEADLINE_MS = 5_000;

let directory: string;
let sandbox: Sandbox;
let receiver: Server;
let received: Record<string, string>[];
let says: string;
let sdk: AlipaySdk;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-notifier-'));
  received = [];
  says = 'success';
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push(Object.fromEntries(new URLSearchParams(text)));
      response.end(says);
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  sandbox = await startSandbox({
    port: 0,
    directory,
    clock: { mode: 'virtual', startMs: START },
  });
  const address = receiver.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const notifyUrl = `http://127.0.0.1:${port}/alipay/notifications/s1`;
  const shown = await put('_sandbox/merchants/1', { balance: '100.00', notifyUrl });
  const { privateKey, alipayPublicKey } = shown.alipay as Record<string, string>;
  sdk = new AlipaySdk({
    appId: '1',
    privateKey: privateKey ?? '',
    alipayPublicKey: alipayPublicKey ?? '',
    gateway: `${sandbox.url}/gateway.do`,
  });
});

afterEach(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await rm(directory, { recursive: true });
});

async function put(where: string, body: object): Promise<Record<string, unknown>> {
  const sent = { method: 'PUT', body: JSON.stringify(body) };
  return (await fetch(`${sandbox.url}/${where}`, sent)).json() as Promise<Record<string, unknown>>;
}

async function nextDueMinutes(): Promise<number | null> {
  const response = await fetch(`${sandbox.url}/internal/status`);
  const { nextDueAt } = (await response.json()) as { nextDueAt: string | null };
  return nextDueAt === null ? null : (Date.parse(nextDueAt) - START) / MINUTE;
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function move(minutes: number, begin: boolean): Promise<void> {
  const now = new Date(START + minutes * MINUTE).toISOString();
  await put('internal/clock', { now, begin });
}

async function transfer(): Promise<void> {
  const bizContent = {
    out_biz_no: 'n1',
    trans_amount: '1.00',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: 't%',
    passback_params: 'a=1&b=50%',
    payee_info: { identity: 'a', identity_type: 'ALIPAY_USER_ID' },
    transfer_scene_name: '业务结算',
    transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
  };
  await sdk.exec('alipay.fund.trans.uni.transfer', { bizContent }, { validateSign: true });
}

const mode = (wanted: string): Promise<unknown> => put('_sandbox/notifications', { mode: wanted });

describe('notifications', () => {
  it('are signed so that the SDK believes them, once', async () => {
    await transfer();
    await until(() => received.length === 1, 'one notification');
    const [form = {}] = received;
    expect(sdk.checkNotifySignV2(form)).toBe(true);
    expect(sdk.checkNotifySignV2({ ...form, biz_content: '{}' })).toBe(false);
    expect(Object.values(form)).not.toContain('');
    expect(form['msg_method']).toBe('alipay.fund.trans.order.changed');
    expect(JSON.parse(form['biz_content'] ?? '')).toMatchObject({
      out_biz_no: 'n1',
      status: 'SUCCESS',
      trans_amount: '1.00',
      pay_date: '2026-01-01 08:00:00',
      passback_params: 'a=1&b=50%',
    });
    await until(async () => (await nextDueMinutes()) === null, 'nothing due');
  });

  it('F20 come again after 2m, 10m, 10m, 1h, 2h, 6h, 15h until somebody says success', async () => {
    says = 'fail';
    await transfer();
    let sum = 0;
    for (const [index, gap] of [2, 10, 10, 60, 120, 360, 900].entries()) {
      await until(() => received.length === index + 1, `delivery ${index + 1}`);
      sum += gap;
      await until(async () => (await nextDueMinutes()) === sum, `next after ${sum} minutes`);
      await move(sum, false);
      expect(received).toHaveLength(index + 1);
      await move(sum, true);
    }
    await until(() => received.length === 8, 'the eighth delivery');
    await until(async () => (await nextDueMinutes()) === null, 'no ninth');
    expect(new Set(received.map((form) => form['notify_id'])).size).toBe(1);
  });

  it('F20 late: 25 hours after the event', async () => {
    await mode('late');
    await transfer();
    await until(async () => (await nextDueMinutes()) === 25 * 60, 'due in 25 hours');
    await move(25 * 60, true);
    await until(() => received.length === 1, 'the late notification');
  });

  it('F20 duplicate, never and forged', async () => {
    await mode('duplicate');
    await transfer();
    await until(() => received.length === 8, 'eight copies');
    received.length = 0;
    await mode('forged');
    await failOne();
    await until(() => received.length === 1, 'the forged one');
    expect(sdk.checkNotifySignV2(received[0])).toBe(false);
    expect(received[0]?.['biz_content']).toContain('"status":"SUCCESS"');
  });
});

/** A transfer that is in process and then fails: its failure is what is told. */
async function failOne(): Promise<void> {
  const body = JSON.stringify({ fault: 'processing', then: 'fails', afterQueries: 0 });
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body });
  const names = { product_code: 'TRANS_ACCOUNT_NO_PWD', biz_scene: 'DIRECT_TRANSFER' };
  const bizContent = {
    ...names,
    out_biz_no: 'n9',
    trans_amount: '2.00',
    order_title: 't',
    payee_info: { identity: 'a', identity_type: 'ALIPAY_USER_ID' },
    transfer_scene_name: '业务结算',
    transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
  };
  await sdk.exec('alipay.fund.trans.uni.transfer', { bizContent });
  const query = { ...names, out_biz_no: 'n9' };
  await sdk.exec('alipay.fund.trans.common.query', { bizContent: query });
}
