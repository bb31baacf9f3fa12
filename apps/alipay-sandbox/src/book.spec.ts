import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AlipaySdk } from 'alipay-sdk';

import { Book } from './book.js';
import { startSandbox } from './server.js';
import type { Sandbox } from './server.js';

let directory: string;
const clock = { mode: 'virtual', startMs: Date.parse('2026-01-01T00:00:00Z') } as const;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-book-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function get(sandbox: Sandbox, where: string): Promise<unknown> {
  return (await fetch(`${sandbox.url}/_sandbox/${where}`)).json();
}

async function put(sandbox: Sandbox, where: string, body: object): Promise<unknown> {
  const sent = { method: 'PUT', body: JSON.stringify(body) };
  return (await fetch(`${sandbox.url}/${where}`, sent)).json();
}

async function everything(sandbox: Sandbox): Promise<unknown[]> {
  const rooms = ['merchants/1', 'merchants/1/movements', 'accounts/a', 'transfers', 'requests'];
  const settings = ['faults', 'limits', 'notifications', 'merchants/1/trades', 'batches'];
  return Promise.all([...rooms, ...settings].map((where) => get(sandbox, where)));
}

async function busySandbox(): Promise<{ sandbox: Sandbox; sdk: AlipaySdk }> {
  const sandbox = await startSandbox({ port: 0, directory, clock });
  const wish = { balance: '100.00', mode: 'certificate' };
  const shown = (await put(sandbox, '_sandbox/merchants/1', wish)) as {
    alipay: { privateKey: string; certificates: Record<'app' | 'alipay' | 'root', string> };
  };
  const { privateKey, certificates } = shown.alipay;
  const sdk = new AlipaySdk({
    appId: '1',
    privateKey,
    appCertContent: certificates.app,
    alipayPublicCertContent: certificates.alipay,
    alipayRootCertContent: certificates.root,
    gateway: `${sandbox.url}/gateway.do`,
  });
  await put(sandbox, '_sandbox/limits', { single: '50.00' });
  await put(sandbox, '_sandbox/notifications', { mode: 'duplicate' });
  await put(sandbox, '_sandbox/accounts/a', { name: '张三', balance: '1.00' });
  const fault = { fault: 'processing', match: { outBizNo: 'n1' }, times: 2 };
  await post(sandbox, 'faults', fault);
  await transfer(sdk, 'n1');
  await transfer(sdk, 'n2');
  return { sandbox, sdk };
}

/** A trade that was split and refunded in part, a share of it given back. */
async function busyTrade(sandbox: Sandbox, sdk: AlipaySdk): Promise<void> {
  const tradeNo = '2025123122001000000000000001';
  const trade = { tradeNo, amount: '100.00', royaltyFreeze: true, at: '2025-12-31T00:00:00Z' };
  await post(sandbox, 'merchants/1/trades', trade);
  const receivers = [{ type: 'userId', account: 'a' }];
  await ask(sdk, 'royalty.relation.bind', { out_request_no: 'b', receiver_list: receivers });
  const share = { trans_in: 'a', trans_in_type: 'userId', amount: '9.00' };
  const names = { trade_no: tradeNo, royalty_parameters: [share] };
  await ask(sdk, 'order.settle', { ...names, out_request_no: 's1' });
  const finish = { extend_params: { royalty_finish: 'true' } };
  await ask(sdk, 'order.settle', { ...names, ...finish, out_request_no: 's2' });
  const back = [{ trans_out: 'a', amount: '10.00' }];
  const refund = { trade_no: tradeNo, refund_amount: '50.00', out_request_no: 'r1' };
  await ask(sdk, 'refund', { ...refund, refund_royalty_parameters: back });
}

/** A batch of which one detail was paid and one refused. */
async function busyBatch(sandbox: Sandbox, sdk: AlipaySdk): Promise<void> {
  await put(sandbox, '_sandbox/accounts/z', { status: 'frozen' });
  const bizContent = {
    out_batch_no: 'B1',
    product_code: 'BATCH_API_TO_ACC',
    biz_scene: 'MESSAGE_BATCH_PAY',
    order_title: 't',
    total_trans_amount: '5.00',
    total_count: '2',
    trans_order_list: ['a', 'z'].map((identity, index) => ({
      out_biz_no: `d${identity}`,
      trans_amount: index === 0 ? '2.00' : '3.00',
      payee_info: { identity, identity_type: 'ALIPAY_USER_ID' },
    })),
    transfer_scene_name: '业务结算',
    transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
  };
  const made = await sdk.exec('alipay.fund.batch.create', { bizContent }, { validateSign: true });
  await post(sandbox, `batches/${String(made['batchTransId'])}/confirm`, {});
}

async function ask(sdk: AlipaySdk, name: string, bizContent: object): Promise<void> {
  const params = { bizContent: { ...bizContent } };
  const answer = await sdk.exec(`alipay.trade.${name}`, params, { validateSign: true });
  expect(answer.code).toBe('10000');
}

async function post(sandbox: Sandbox, where: string, body: object): Promise<void> {
  const sent = { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}/_sandbox/${where}`, sent);
  expect(response.ok).toBe(true);
}

function transfer(sdk: AlipaySdk, outBizNo: string): Promise<{ code: string }> {
  const bizContent = {
    out_biz_no: outBizNo,
    trans_amount: '1.00',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: 't',
    payee_info: { identity: 'a', identity_type: 'ALIPAY_USER_ID' },
    transfer_scene_name: '业务结算',
    transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
  };
  return sdk.exec('alipay.fund.trans.uni.transfer', { bizContent }, { validateSign: true });
}

describe('the book', () => {
  it('gives everything back after a restart, and the same keys go on working', async () => {
    const { sandbox, sdk } = await busySandbox();
    await busyTrade(sandbox, sdk);
    await busyBatch(sandbox, sdk);
    const before = await everything(sandbox);
    await sandbox.close();
    const again = await startSandbox({ port: 0, directory, clock });
    expect(await everything(again)).toEqual(before);
    await again.close();
    const [merchant, , account, transfers, ...rest] = before;
    expect(merchant).toMatchObject({ balance: '138.00' });
    expect(account).toMatchObject({ balance: '12.00' });
    expect(transfers).toHaveLength(5);
    const split = { split: '8.00', refunded: '50.00', finished: true };
    expect(rest).toContainEqual([expect.objectContaining(split)]);
    expect(rest).toContainEqual([expect.objectContaining({ status: 'PART_SUCCESS' })]);
  });

  it('O4 cuts what a kill left torn and loses nothing that was answered', async () => {
    const { sandbox } = await busySandbox();
    const transfers = await get(sandbox, 'transfers');
    await sandbox.close();
    const file = path.join(directory, 'book.ndjson');
    const whole = await readFile(file);
    for (const torn of ['{', '{"t":"transfer","appId":"1","am', '{"t":"clock","now":1}']) {
      await appendFile(file, torn);
      const again = await startSandbox({ port: 0, directory, clock });
      expect(await get(again, 'transfers')).toEqual(transfers);
      await again.close();
      expect(await readFile(file)).toEqual(whole);
    }
  });

  it('a transfer whose line tore was never answered, and can be sent again', async () => {
    const { sandbox } = await busySandbox();
    await sandbox.close();
    const file = path.join(directory, 'book.ndjson');
    const text = await readFile(file, 'utf8');
    await truncate(file, Buffer.byteLength(text.slice(0, text.lastIndexOf('"t":"transfer"') + 40)));
    const again = await startSandbox({ port: 0, directory, clock });
    expect(await get(again, 'transfers')).toMatchObject([{ outBizNo: 'n1' }]);
    expect(await get(again, 'merchants/1')).toMatchObject({ balance: '99.00' });
    await again.close();
  });

  it('refuses a book that is wrong in the middle', async () => {
    await writeFile(path.join(directory, 'book.ndjson'), '{"t":"clock","now":1}\nxx\n{"t":"a"}\n');
    await expect(Book.open(directory, () => undefined)).rejects.toThrow(/line 2/);
  });

  it('refuses a book of a later version rather than cut its end off', async () => {
    await writeFile(path.join(directory, 'book.ndjson'), '{"t":"of-tomorrow"}\n');
    await expect(Book.open(directory, () => undefined)).rejects.toThrow(/line 1/);
  });

  it('writes many records that arrive together, in order', async () => {
    const book = await Book.open(directory, () => undefined);
    const instants = Array.from({ length: 500 }, (_, now) => now);
    await Promise.all(instants.map((now) => book.append([{ t: 'clock', now }])));
    await book.close();
    const seen: number[] = [];
    const again = await Book.open(directory, (record) => {
      if (record.t === 'clock') seen.push(record.now);
    });
    await again.close();
    expect(seen).toEqual(instants);
  });
});

describe('the clock', () => {
  it('goes on at the later of the remembered instant and the one given', async () => {
    const first = await startSandbox({ port: 0, directory, clock });
    const now = '2026-02-01T00:00:00.000Z';
    const moved = await put(first, 'internal/clock', { now, begin: true });
    expect(moved).toEqual({ mode: 'virtual', now });
    const back = await put(first, 'internal/clock', { now: '2026-01-31T00:00:00Z', begin: true });
    expect(back).toEqual({ mode: 'virtual', now });
    await first.close();
    const second = await startSandbox({ port: 0, directory, clock });
    expect(await (await fetch(`${second.url}/internal/clock`)).json()).toMatchObject({ now });
    await second.close();
    const startMs = Date.parse('2026-03-01T00:00:00Z');
    const later = { mode: 'virtual', startMs } as const;
    const third = await startSandbox({ port: 0, directory, clock: later });
    const status = await (await fetch(`${third.url}/internal/status`)).json();
    expect(status).toMatchObject({ now: '2026-03-01T00:00:00.000Z', ready: true, nextDueAt: null });
    await third.close();
  });

  it('that follows the machine is not moved', async () => {
    const sandbox = await startSandbox({ port: 0, directory, clock: { mode: 'system' } });
    const now = '2036-02-01T00:00:00Z';
    const answer = await put(sandbox, 'internal/clock', { now, begin: true });
    expect(answer).toMatchObject({ status: 409, code: 'clock-not-virtual' });
    await sandbox.close();
  });
});
