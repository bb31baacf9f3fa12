import { createServer } from 'node:http';
import type { Server } from 'node:http';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AlipaySdk } from 'alipay-sdk';

import { call, RunningSandbox } from './running-sandbox.fixture.js';
import type { Shown, Tree } from './running-sandbox.fixture.js';

const CREATE = 'alipay.fund.batch.create';
const DIRECT = 'alipay.fund.batch.uni.transfer';
const QUERY = 'alipay.fund.batch.detail.query';
const CLOSE = 'alipay.fund.batch.close';
const NAMES = { product_code: 'BATCH_API_TO_ACC', biz_scene: 'MESSAGE_BATCH_PAY' };

let alipay: RunningSandbox;
let receiver: Server;
let received: Record<string, string>[] = [];
let shown: Shown;
let sdk: AlipaySdk;
let count = 0;

function detail(outBizNo: string, amount: string, more: Tree = {}): Tree {
  return {
    out_biz_no: outBizNo,
    trans_amount: amount,
    order_title: '8月佣金',
    remark: '8月',
    payee_info: {
      identity: `${outBizNo}-${count}@b.cn`,
      identity_type: 'ALIPAY_LOGON_ID',
      name: '张三',
    },
    ...more,
  };
}

function batchOf(outBatchNo: string, details: readonly Tree[], more: Tree = {}): Tree {
  const fen = details.map((one) => Math.round(Number(one['trans_amount']) * 100));
  const total = fen.reduce((sum, part) => sum + part, 0);
  return {
    ...NAMES,
    out_batch_no: outBatchNo,
    order_title: '8月佣金结算',
    total_trans_amount: (total / 100).toFixed(2),
    total_count: String(details.length),
    trans_order_list: details,
    transfer_scene_name: '佣金报酬',
    transfer_scene_report_infos: [{ info_type: '佣金报酬说明', info_content: '8月' }],
    ...more,
  };
}

function query(outBatchNo: string, more: Tree = {}): Promise<Tree> {
  return call(sdk, QUERY, { ...NAMES, out_batch_no: outBatchNo, ...more });
}

function confirm(batchTransId: unknown): Promise<Tree> {
  return alipay.control('POST', `_sandbox/batches/${String(batchTransId)}/confirm`);
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

beforeAll(async () => {
  alipay = await RunningSandbox.start('2026-03-05T18:00:00Z');
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push(Object.fromEntries(new URLSearchParams(text)));
      response.end('success');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await alipay.stop();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

beforeEach(async () => {
  count += 1;
  received = [];
  await alipay.control('DELETE', '_sandbox/faults');
  const none = { single: null, payerDaily: null, payeeDaily: null };
  await alipay.control('PUT', '_sandbox/limits', none);
  shown = await alipay.merchant();
  sdk = alipay.sdk(shown);
});

describe('a batch', () => {
  it('R-TST-1 waits for the payer, whose link leads to a page, and is then paid', async () => {
    const made = await call(
      sdk,
      CREATE,
      batchOf('B1', [detail('n1', '10.00'), detail('n2', '5.50')]),
    );
    expect(made).toMatchObject({ code: '10000', outBatchNo: 'B1', status: 'INIT' });
    expect(await query('B1')).toMatchObject({
      batchStatus: 'WAIT_PAY',
      totalAmount: '15.50',
      totalItemCount: '2',
      accDetailList: [{ outBizNo: 'n1', status: 'WAIT_PAY' }, { status: 'WAIT_PAY' }],
    });
    const bizContent = { ...NAMES, order_id: made['batchTransId'] };
    const link = sdk.pageExec('alipay.fund.trans.page.pay', 'GET', { bizContent });
    const page = new TextDecoder('gbk').decode(await (await fetch(link)).arrayBuffer());
    expect(page).toContain('共2笔，合计15.50元');
    const forged = await fetch(link.replace('page.pay&', 'page.pay&notify_url=x&'));
    expect(new TextDecoder('gbk').decode(await forged.arrayBuffer())).toContain(
      'invalid-signature',
    );
    expect(await alipay.list(`transfers?appId=${shown.appId}`)).toEqual([]);
    expect(await confirm(made['batchTransId'])).toMatchObject({ status: 'SUCCESS' });
    expect(await query('B1')).toMatchObject({
      batchStatus: 'SUCCESS',
      successCount: '2',
      successAmount: '15.50',
      failCount: '0',
      payerId: shown.alipay.pid,
      gmtFinish: '2026-03-06 02:00:00',
      accDetailList: [{ status: 'SUCCESS', transAmount: '10.00' }, { status: 'SUCCESS' }],
    });
    expect(await alipay.list(`transfers?appId=${shown.appId}`)).toMatchObject([
      { way: 'batch', outBizNo: 'n1', amount: '10.00', partOf: made['batchTransId'], attempts: 1 },
      { way: 'batch', outBizNo: 'n2', amount: '5.50' },
    ]);
    expect(await alipay.balanceOf(shown.appId)).toBe('984.50');
    expect(await confirm(made['batchTransId'])).toMatchObject({ status: 409 });
    expect(await alipay.balanceOf(shown.appId)).toBe('984.50');
  });

  it('F19 pays each detail by itself', async () => {
    const who = (n: string): string => `_sandbox/accounts/${n}-${count}@b.cn`;
    await alipay.control('PUT', who('n2'), { status: 'frozen' });
    await alipay.control('PUT', '_sandbox/limits', { payerDaily: '25.00' });
    const numbers = ['n1', 'n2', 'n3', 'n4', 'n5'];
    const made = await call(
      sdk,
      CREATE,
      batchOf(
        'B1',
        numbers.map((n) => detail(n, '10.00')),
      ),
    );
    const failing = { fault: 'sub-code', subCode: 'PAYEE_ACCOUNT_STATUS_ERROR' };
    await alipay.fault({ ...failing, api: 'batch-detail', match: { outBizNo: 'n3' } });
    await confirm(made['batchTransId']);
    expect(await query('B1')).toMatchObject({
      batchStatus: 'PART_SUCCESS',
      successCount: '2',
      failCount: '3',
      failAmount: '30.00',
      accDetailList: [
        { status: 'SUCCESS' },
        { status: 'FAIL', errorCode: 'BLOCK_USER_FORBBIDEN_RECIEVE', needRetry: 'true' },
        { status: 'FAIL', errorCode: 'PAYEE_ACCOUNT_STATUS_ERROR' },
        { status: 'SUCCESS' },
        { status: 'FAIL', errorCode: 'EXCEED_LIMIT_DM_AMOUNT' },
      ],
    });
    expect(await alipay.balanceOf(shown.appId)).toBe('980.00');
    const failed = await query('B1', { detail_status: 'FAIL', page_size: '1', page_num: '2' });
    expect(failed).toMatchObject({ totalPageCount: '3', accDetailList: [{ outBizNo: 'n3' }] });
    const over = await call(sdk, CREATE, batchOf('B2', [detail('n6', '10.00')]));
    await confirm(over['batchTransId']);
    expect(await query('B2')).toMatchObject({
      batchStatus: 'FAIL',
      accDetailList: [{ errorCode: 'EXCEED_LIMIT_DM_AMOUNT' }],
    });
  });

  it('a detail in process keeps it open until it has ended', async () => {
    const made = await call(
      sdk,
      CREATE,
      batchOf('B1', [detail('n1', '1.00'), detail('n2', '2.00')]),
    );
    const wish = { fault: 'processing', api: 'batch-detail', then: 'fails', afterQueries: 1 };
    await alipay.fault({ ...wish, match: { outBizNo: 'n2' } });
    expect(await confirm(made['batchTransId'])).toMatchObject({ status: 'DEALING' });
    expect(await alipay.balanceOf(shown.appId)).toBe('997.00');
    const open = {
      batchStatus: 'DEALING',
      accDetailList: [{ status: 'SUCCESS' }, { status: 'DEALED' }],
    };
    expect(await query('B1')).toMatchObject(open);
    expect(await query('B1')).toMatchObject({
      batchStatus: 'PART_SUCCESS',
      accDetailList: [{}, { status: 'FAIL', errorCode: 'PAYEE_ACCOUNT_STATUS_ERROR' }],
    });
    expect(await alipay.balanceOf(shown.appId)).toBe('999.00');
  });

  it('F19 a rate hits the same details for the same seed', async () => {
    const failing = { fault: 'sub-code', subCode: 'PAYEE_NOT_EXIST', api: 'batch-detail' };
    await alipay.fault({ ...failing, rate: 0.5, seed: 7, match: { appId: shown.appId } });
    const numbers = Array.from({ length: 20 }, (_, n) => `d${n}`);
    const failures = async (outBatchNo: string, names: readonly string[]): Promise<unknown[]> => {
      const biz = batchOf(
        outBatchNo,
        names.map((name) => detail(name, '1.00')),
      );
      await confirm((await call(sdk, CREATE, biz))['batchTransId']);
      const failed = await query(outBatchNo, { detail_status: 'FAIL' });
      return ((failed['accDetailList'] ?? []) as Tree[]).map((one) => one['outBizNo']);
    };
    const first = await failures('B1', numbers);
    expect(first.length).toBeGreaterThan(3);
    expect(first.length).toBeLessThan(17);
    expect(await failures('B2', first as string[])).toEqual(first);
    expect(await alipay.list('faults')).toMatchObject([{ hits: first.length * 2, left: null }]);
  });

  it('O4 one batch number is one batch, and one detail’s number is paid once', async () => {
    const biz = batchOf('B1', [detail('n1', '1.00')]);
    const made = await call(sdk, CREATE, biz);
    const again = await call(sdk, CREATE, biz);
    expect(again).toMatchObject({ code: '40004', subCode: 'BIZ_UNIQUE_EXCEPTION' });
    const other = batchOf('B2', [detail('n1', '1.00')]);
    expect(await call(sdk, CREATE, other)).toMatchObject({ subCode: 'BIZ_UNIQUE_EXCEPTION' });
    await alipay.control('PUT', `_sandbox/accounts/n1-${count}@b.cn`, { status: 'frozen' });
    await confirm(made['batchTransId']);
    await alipay.control('PUT', `_sandbox/accounts/n1-${count}@b.cn`, { status: 'normal' });
    const anew = await call(sdk, CREATE, other);
    expect(anew).toMatchObject({ code: '10000' });
    await confirm(anew['batchTransId']);
    expect(await alipay.accountBalance(`n1-${count}@b.cn`)).toBe('1.00');
    const third = await call(sdk, CREATE, batchOf('B3', [detail('n1', '1.00')]));
    expect(third).toMatchObject({ subCode: 'BIZ_UNIQUE_EXCEPTION' });
  });

  it('can be closed until it is confirmed', async () => {
    const made = await call(sdk, CREATE, batchOf('B1', [detail('n1', '1.00')]));
    const off = { ...NAMES, batch_trans_id: made['batchTransId'] };
    expect(await call(sdk, CLOSE, off)).toMatchObject({ code: '10000', status: 'DISUSE' });
    expect(await call(sdk, CLOSE, off)).toMatchObject({ status: 'DISUSE' });
    expect(await confirm(made['batchTransId'])).toMatchObject({ status: 409 });
    const gone = { batchStatus: 'DISUSE', accDetailList: [{ status: 'DISUSE' }] };
    expect(await query('B1')).toMatchObject(gone);
    const paid = await call(sdk, CREATE, batchOf('B2', [detail('n1', '1.00')]));
    await confirm(paid['batchTransId']);
    const late = await call(sdk, CLOSE, { ...NAMES, batch_trans_id: paid['batchTransId'] });
    expect(late).toMatchObject({ subCode: 'ORDER_STATUS_INVALID' });
  });

  it('of less money than it needs stays as it is', async () => {
    const made = await call(sdk, CREATE, batchOf('B1', [detail('n1', '1000.01')]));
    const refused = { status: 409, code: 'balance-not-enough' };
    expect(await confirm(made['batchTransId'])).toMatchObject(refused);
    expect(await query('B1')).toMatchObject({ batchStatus: 'WAIT_PAY' });
  });

  it.each([
    ['INVALID_PARAMETER', { total_trans_amount: '3.01' }],
    ['INVALID_PARAMETER', { total_count: '3' }],
    ['INVALID_PARAMETER', { out_batch_no: 'x'.repeat(33) }],
    ['INVALID_PARAMETER', { biz_scene: 'DIRECT_TRANSFER' }],
    ['INVALID_PARAMETER', { trans_order_list: [] }],
    ['INVALID_PARAMETER', { trans_order_list: [detail('n', '1.50'), detail('n', '1.50')] }],
    [
      'EXCEED_LIMIT_SM_MIN_AMOUNT',
      { trans_order_list: [detail('n', '0.99'), detail('m', '2.01')] },
    ],
    ['PRODUCT_NOT_SIGN', { product_code: 'TRANS_ACCOUNT_NO_PWD' }],
    ['TRANSFER_SCENE_NAME_BLANK', { transfer_scene_name: undefined }],
    ['PAYMENT_TIME_EXPIRE', { time_expire: '2026-03-06 02:00' }],
    ['INVALID_PARAMETER', { time_expire: 'tomorrow' }],
  ])('is refused with %s: %#', async (subCode, more) => {
    const biz = batchOf('B1', [detail('n1', '1.00'), detail('n2', '2.00')], more);
    expect(await call(sdk, CREATE, biz)).toMatchObject({ code: '40004', subCode });
    expect(await query('B1')).toMatchObject({ subCode: 'ORDER_NOT_EXIST' });
  });
});

describe('a batch without anybody’s confirmation', () => {
  it('R-TST-1 is for merchants with that contract, and needs the money at once', async () => {
    const biz = batchOf('B1', [detail('n1', '600.00'), detail('n2', '400.01')]);
    expect(await call(sdk, DIRECT, biz)).toMatchObject({ subCode: 'PRODUCT_NOT_SIGN' });
    await alipay.control('PUT', `_sandbox/merchants/${shown.appId}`, { batchDirect: true });
    expect(await call(sdk, DIRECT, biz)).toMatchObject({ subCode: 'PAYER_BALANCE_NOT_ENOUGH' });
    await alipay.control('PUT', `_sandbox/merchants/${shown.appId}`, { balance: '1000.01' });
    const report = { info_type: '佣金报酬说明', info_content: '8月' };
    const single = { ...biz, transfer_scene_report_infos: report };
    expect(await call(sdk, DIRECT, single)).toMatchObject({ code: '10000', status: 'INIT' });
    expect(await query('B1')).toMatchObject({ batchStatus: 'SUCCESS', successCount: '2' });
    expect(await alipay.balanceOf(shown.appId)).toBe('0.00');
  });
});

describe('the end of a batch', () => {
  it('F20 is told, signed, once every detail has ended', async () => {
    const address = receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const notifyUrl = `http://127.0.0.1:${port}/alipay/notifications/s1`;
    await alipay.control('PUT', `_sandbox/merchants/${shown.appId}`, { notifyUrl });
    const made = await call(
      sdk,
      CREATE,
      batchOf('B1', [detail('n1', '1.00'), detail('n2', '2.00')]),
    );
    const wish = { fault: 'processing', api: 'batch-detail', afterQueries: 0 };
    await alipay.fault({ ...wish, match: { outBizNo: 'n2' } });
    await confirm(made['batchTransId']);
    expect(received).toEqual([]);
    await query('B1');
    await until(() => received.length === 1, 'the notification');
    const [form = {}] = received;
    expect(sdk.checkNotifySignV2(form)).toBe(true);
    expect(form['msg_method']).toBe('alipay.fund.batch.order.changed');
    expect(JSON.parse(form['biz_content'] ?? '')).toMatchObject({
      out_batch_no: 'B1',
      batch_trans_id: made['batchTransId'],
      batch_status: 'SUCCESS',
      total_amount: '3.00',
      success_count: '2',
    });
  });

  it('F20 of an asynchronous split is told too', async () => {
    const address = receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const notifyUrl = `http://127.0.0.1:${port}/`;
    const where = `_sandbox/merchants/${shown.appId}`;
    await alipay.control('PUT', where, { notifyUrl });
    const trade = { amount: '100.00', at: '2026-03-01T00:00:00Z' };
    const { tradeNo } = await alipay.control('POST', `${where}/trades`, trade);
    const list = [{ type: 'userId', account: '2088000000000001' }];
    await call(sdk, 'alipay.trade.royalty.relation.bind', {
      out_request_no: 'b',
      receiver_list: list,
    });
    const share = { trans_in: '2088000000000001', trans_in_type: 'userId', amount: '1.00' };
    await call(sdk, 'alipay.trade.order.settle', {
      out_request_no: 's1',
      trade_no: tradeNo,
      royalty_mode: 'async',
      royalty_parameters: [share],
    });
    await until(() => received.length === 1, 'the notification');
    const [form = {}] = received;
    expect(sdk.checkNotifySignV2(form)).toBe(true);
    expect(form['msg_method']).toBe('alipay.trade.order.settle.notify');
    expect(JSON.parse(form['biz_content'] ?? '')).toMatchObject({
      out_request_no: 's1',
      royalty_detail_list: [{ state: 'SUCCESS', amount: '1.00', trans_in: '2088000000000001' }],
    });
  });
});

// After all others: the clock of a sandbox never goes back.
describe('a batch that nobody confirms', () => {
  it('runs out, and its numbers are free again', async () => {
    const biz = batchOf('B1', [detail('n1', '1.00')], { time_expire: '2026-03-07 12:00' });
    const made = await call(sdk, CREATE, biz);
    await alipay.moveClock('2026-03-07T11:59:59+08:00');
    expect(await query('B1')).toMatchObject({ batchStatus: 'WAIT_PAY' });
    await alipay.moveClock('2026-03-07T12:00:00+08:00');
    const gone = { batchStatus: 'INVALID', accDetailList: [{ status: 'DISUSE' }] };
    expect(await query('B1')).toMatchObject(gone);
    expect(await confirm(made['batchTransId'])).toMatchObject({ status: 409 });
    const anew = await call(sdk, CREATE, batchOf('B2', [detail('n1', '1.00')]));
    expect(anew).toMatchObject({ code: '10000' });
  });
});
