import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';

import { downloadBill, type BillDownload, type WantedBill } from './bill-download.js';
import { connectAlipay, type AlipayConnection } from './connection.js';
import type { AlipayCredentials } from './credentials.js';

const wanted: WantedBill = { day: '2026-03-05', bytesMax: 100_000, timeoutMs: 5_000, triesMax: 3 };

let directory: string;
let sandbox: Sandbox;
let connection: AlipayConnection;

async function control<T>(method: string, where: string, body?: object): Promise<T> {
  const sent = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}/_sandbox/${where}`, sent);
  const answer: T = response.status === 204 ? null : JSON.parse(await response.text());
  return answer;
}

const download = (more: Partial<WantedBill> = {}): Promise<BillDownload> =>
  downloadBill(connection, { ...wanted, ...more });
const fault = (wish: object): Promise<unknown> => control('POST', 'faults', wish);
/** How many times the file itself was asked for. */
const fetched = async (): Promise<number> =>
  (await control<unknown[]>('GET', 'requests?method=bill-file')).length;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-bill-'));
  const startMs = Date.parse('2026-03-06T09:00:00+08:00');
  sandbox = await startSandbox({ port: 0, directory, clock: { mode: 'virtual', startMs } });
  const put = await control<{ alipay: AlipayCredentials }>('PUT', 'merchants/app-bill', {
    balance: '50.00',
  });
  const gateway = `${sandbox.url}/gateway.do`;
  connection = connectAlipay({ ...put.alipay, gateway, timeoutMs: 10_000 });
});
afterEach(() => control('DELETE', 'faults'));
afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

describe('downloading a bill', () => {
  it('R-REC-4 gives the file byte for byte, the same every time', async () => {
    const [one, other] = [await download(), await download()];
    if (one.kind !== 'downloaded') throw new Error(one.kind);
    expect(one.bytes.subarray(0, 2).toString('latin1')).toBe('PK');
    expect(other).toEqual(one);
  });

  it('R-REC-4 a bill that is not there yet is told so, and is no refusal', async () => {
    await fault({ api: 'bill', fault: 'bill-late', afterQueries: 1 });
    expect(await download()).toEqual({ kind: 'not-ready', why: 'BILL_NOT_EXIST' });
    expect((await download()).kind).toBe('downloaded');
  });

  it('R-REC-4 a download that fails is begun anew, with an address of its own', async () => {
    const before = await fetched();
    await fault({ api: 'bill-file', fault: 'drop-connection', times: 1 });
    await fault({ api: 'bill-file', fault: 'http-502', times: 1 });
    expect((await download()).kind).toBe('downloaded');
    expect(await fetched()).toBe(before + 3);
  });

  it('R-REC-4 gives up after its tries, and a next time is as good', async () => {
    await fault({ api: 'bill-file', fault: 'drop-connection', times: 3 });
    expect((await download()).kind).toBe('unclear');
    expect((await download()).kind).toBe('downloaded');
  });

  it('R-REC-4 reads no more than it may', async () => {
    expect(await download({ bytesMax: 100 })).toMatchObject({ kind: 'refused', code: 'TOO_LARGE' });
  });

  it('R-REC-4 an answer that does not say is unclear, a refusal is one', async () => {
    await fault({ api: 'bill', fault: 'system-error' });
    expect((await download()).kind).toBe('unclear');
    await fault({ api: 'bill', fault: 'bad-signature' });
    expect((await download()).kind).toBe('unclear');
    await fault({ api: 'bill', fault: 'sub-code', subCode: 'NO_BILL_DATA' });
    expect(await download()).toEqual({ kind: 'no-data' });
  });
});

describe('the address that Alipay answers', () => {
  let foreign: Server;
  const calls: string[] = [];

  beforeAll(async () => {
    const listener: RequestListener = (request, response) => {
      calls.push(request.url ?? '');
      response.end('PK: whatever somebody wants the books to be compared with');
    };
    foreign = createServer(listener);
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => foreign.close(resolve)));

  it.each([
    ['of another host', (port: number) => `http://127.0.0.1:${port}/bill`],
    ['that only ends like Alipay’s', () => 'https://evilalipay.com/bill'],
    ['with Alipay’s name before another host', () => 'https://alipay.com.evil.cn/bill'],
    ['of another port', () => 'https://dwbillcenter.alipay.com:8443/bill'],
    ['of a file', () => 'file:///etc/passwd'],
  ])('R-REC-4 R-SEC-4 %s is not followed', async (_, addressOf) => {
    const { port } = foreign.address() as { port: number };
    const answers = { code: '10000', billDownloadUrl: addressOf(port) };
    const sdk = { exec: () => Promise.resolve(answers) };
    const made = { ...connection, sdk } as unknown as AlipayConnection;
    expect(await downloadBill(made, wanted)).toMatchObject({ code: 'FOREIGN_ADDRESS' });
    expect(calls).toEqual([]);
  });
});
