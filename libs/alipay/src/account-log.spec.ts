import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';

import { askAccountLog } from './account-log.js';
import { callAlipay, connectAlipay, type AlipayConnection } from './connection.js';
import type { AlipayCredentials } from './credentials.js';

let directory: string;
let sandbox: Sandbox;
let connection: AlipayConnection;

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
  sandbox = await startSandbox({ port: 0, directory, clock: { mode: 'system' } });
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
