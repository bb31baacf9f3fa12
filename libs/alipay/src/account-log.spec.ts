import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';

import { readAccountLog, type WantedLog } from './account-log-span.js';
import { askAccountLog } from './account-log.js';
import { callAlipay, connectAlipay, type AlipayConnection } from './connection.js';
import type { AlipayCredentials } from './credentials.js';

let directory: string;
let sandbox: Sandbox;
let connection: AlipayConnection;
const startedAtMs = Date.parse('2026-03-06T02:00:00+08:00');

async function control(method: string, where: string, body: object): Promise<unknown> {
  const sent = { method, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}/_sandbox/${where}`, sent);
  return response.status === 204 ? null : response.json();
}

async function transfer(outBizNo: string): Promise<void> {
  await callAlipay(connection, 'alipay.fund.trans.uni.transfer', {
    out_biz_no: outBizNo,
    trans_amount: '1.20',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: 't',
    payee_info: { identity: 'a', identity_type: 'ALIPAY_USER_ID' },
    transfer_scene_name: '业务结算',
    transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
  });
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qf-log-'));
  sandbox = await startSandbox({
    port: 0,
    directory,
    clock: { mode: 'virtual', startMs: startedAtMs },
  });
  const put = (await control('PUT', 'merchants/app-log', { balance: '50.00' })) as {
    alipay: AlipayCredentials;
  };
  const gateway = `${sandbox.url}/gateway.do`;
  connection = connectAlipay({ ...put.alipay, gateway, timeoutMs: 10_000 });
});
afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

describe('the account log as a witness', () => {
  it('R-FAI-1 a debit under our number is a payment, with its amount', async () => {
    await transfer('QFpaid');
    expect(await askAccountLog(connection, 'QFpaid')).toEqual({
      kind: 'success',
      evidence: {
        outBizNo: 'QFpaid',
        amountMinor: 120n,
        alipayOrderId: expect.stringMatching(/^\d+$/),
      },
    });
  });

  it('R-FAI-1 what is not there may come yet', async () => {
    await transfer('QFother');
    const answer = await askAccountLog(connection, 'QFnone');
    expect(answer).toMatchObject({ kind: 'unclear', isKnown: false });
  });

  it('R-FAI-1 what was debited and came back is no proof of a payment', async () => {
    await control('POST', 'faults', { fault: 'returned', match: { outBizNo: 'QFback' } });
    await transfer('QFback');
    expect((await askAccountLog(connection, 'QFback')).kind).toBe('unclear');
  });

  it('R-FAI-1 a log that does not answer says nothing', async () => {
    const api = 'alipay.data.bill.accountlog.query';
    await control('POST', 'faults', { api, fault: 'system-error' });
    expect(await askAccountLog(connection, 'QFpaid')).toMatchObject({ kind: 'unclear' });
    expect((await askAccountLog(connection, 'QFpaid')).kind).toBe('success');
  });
});

describe('the account log of a span', () => {
  const minuteMs = 60_000;
  /** Everything that the sandbox has: its clock stands still. */
  const span = (linesMax = 100): WantedLog => ({
    from: new Date(startedAtMs - minuteMs),
    to: new Date(startedAtMs + 60 * minuteMs),
    linesMax,
  });

  it('R-REC-4 has every movement with its number, sign and second', async () => {
    await transfer('QFspan');
    const reading = await readAccountLog(connection, span());
    const movements = reading.kind === 'read' ? reading.movements : [];
    const found = movements.find(({ outNo }) => outNo === 'QFspan');
    expect(found).toMatchObject({ amountMinor: -120n, kind: '转账', account: 'a', title: 't' });
    expect(found?.logNo).toMatch(/^\d+$/);
    expect(found?.at.getTime()).toBe(startedAtMs);
    expect(new Set(movements.map(({ logNo }) => logNo)).size).toBe(movements.length);
  });

  it('R-REC-4 is whole or not at all: more than may be read is too many', async () => {
    await transfer('QFmany');
    expect(await readAccountLog(connection, span(1))).toEqual({ kind: 'too-many' });
    const before = { ...span(), to: new Date(startedAtMs - 2_000) };
    expect(await readAccountLog(connection, before)).toEqual({ kind: 'read', movements: [] });
  });

  it('R-FAI-1 a log that does not answer, or was asked too often, says nothing for now', async () => {
    const api = 'alipay.data.bill.accountlog.query';
    await control('POST', 'faults', { api, fault: 'system-error' });
    expect((await readAccountLog(connection, span())).kind).toBe('unclear');
    await control('POST', 'faults', { api, fault: 'rate-limited' });
    expect((await readAccountLog(connection, span())).kind).toBe('unclear');
    expect((await readAccountLog(connection, span())).kind).toBe('read');
  });
});
