import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import type { AlipaySdk } from 'alipay-sdk';

import { call, RunningSandbox, transferOf } from './running-sandbox.fixture.js';
import type { Shown, Tree } from './running-sandbox.fixture.js';

const BILL = 'alipay.data.dataservice.bill.downloadurl.query';
const DAY = '2026-03-06';
const DAY_BILL = { bill_type: 'signcustomer', bill_date: DAY };

let alipay: RunningSandbox;
let shown: Shown;
let sdk: AlipaySdk;

interface BillEntry {
  readonly name: string;
  readonly isUtf8: boolean;
  readonly lines: readonly string[];
}

async function download(url: unknown): Promise<Response> {
  return fetch(String(url));
}

/** Reads a bill as its receiver must: names and contents in GBK. */
async function entriesOf(bytes: Uint8Array, encoding = 'gb18030'): Promise<BillEntry[]> {
  const zip = new ZipReader(new Uint8ArrayReader(bytes), {
    filenameEncoding: encoding,
    useWebWorkers: false,
  });
  const entries: BillEntry[] = [];
  for (const entry of await zip.getEntries()) {
    if (entry.directory) continue;
    const content = await entry.getData(new Uint8ArrayWriter());
    const text = new TextDecoder(encoding).decode(content);
    const isUtf8 = entry.bitFlag?.languageEncodingFlag !== false;
    entries.push({ name: entry.filename, isUtf8, lines: text.trimEnd().split('\r\n') });
  }
  return entries;
}

async function billOf(biz: Tree): Promise<BillEntry[]> {
  const answer = await call(sdk, BILL, biz);
  const response = await download(answer['billDownloadUrl']);
  expect(response.status).toBe(200);
  return entriesOf(new Uint8Array(await response.arrayBuffer()));
}

/** The rows between the head and the ruled line below it, as cells without guards. */
function rowsOf(entry: BillEntry | undefined): string[][] {
  const lines = (entry?.lines ?? []).filter((line) => !line.startsWith('#'));
  return lines.slice(1).map((line) => line.split(',').map((cell) => cell.trim()));
}

/** One day of a merchant: money of its own, a trade with its fee, a refund, two transfers. */
async function liveADay(): Promise<void> {
  const where = `_sandbox/merchants/${shown.appId}`;
  const trade = { amount: '100.00', fee: '0.60', tradeNo: tradeNo(), subject: '商品 A' };
  await alipay.control('POST', `${where}/trades`, { ...trade, buyer: 'buyer@c.cn' });
  await call(sdk, 'alipay.fund.trans.uni.transfer', transferOf('n1'));
  await call(sdk, 'alipay.fund.trans.uni.transfer', transferOf('n2', { trans_amount: '7.70' }));
  const refund = { trade_no: tradeNo(), refund_amount: '40.00', out_request_no: 'r1' };
  await call(sdk, 'alipay.trade.refund', { ...refund, refund_reason: '七天无理由' });
}

function tradeNo(): string {
  return `2026030622001${shown.appId}0000`;
}

beforeAll(async () => {
  alipay = await RunningSandbox.start('2026-03-06T02:00:00Z');
});

afterAll(() => alipay.stop());

beforeEach(async () => {
  await alipay.control('DELETE', '_sandbox/faults');
  shown = await alipay.merchant();
  sdk = alipay.sdk(shown);
});

describe('bills', () => {
  // Before all others: the clock of a sandbox never goes back.
  it('R-TST-1 of a day are there from nine in the morning of the next, in Beijing', async () => {
    await liveADay();
    const today = await call(sdk, BILL, DAY_BILL);
    expect(today).toMatchObject({ subCode: 'INVAILID_ARGUMENTS' });
    await alipay.moveClock('2026-03-07T08:59:59+08:00');
    expect(await call(sdk, BILL, DAY_BILL)).toMatchObject({ subCode: 'BILL_NOT_EXIST' });
    await alipay.moveClock('2026-03-07T09:00:00+08:00');
    const there = await call(sdk, BILL, DAY_BILL);
    expect(there).toMatchObject({ code: '10000' });
    const names = /^[^?]+\/downloadBillFile\.resource\?bizType=fnd&userId=2088\d{12}0156&/;
    expect(there['billDownloadUrl']).toMatch(names);
    expect(there).not.toHaveProperty('billFileCode');
    const [detail, summary, ...others] = await billOf(DAY_BILL);
    expect(others).toEqual([]);
    const user = `${shown.alipay.pid}0156`;
    expect(detail).toMatchObject({ name: `${user}_20260306_账务明细.csv`, isUtf8: false });
    expect(summary).toMatchObject({ name: `${user}_20260306_账务明细(汇总).csv`, isUtf8: false });
    expect(detail?.lines.slice(0, 4)).toEqual([
      '#支付宝账务明细查询',
      `#账号：[${user}]`,
      '#起始日期：[2026年03月06日 00:00:00]   终止日期：[2026年03月07日 00:00:00]',
      `#${'-'.repeat(41)}账务明细列表${'-'.repeat(40)}`,
    ]);
    expect(detail?.lines.slice(-4)).toEqual([
      `#${'-'.repeat(41)}账务明细列表结束${'-'.repeat(40)}`,
      '#支出合计：4笔，共-60.60元',
      '#收入合计：2笔，共1100.00元',
      '#导出时间：[2026年03月07日 05:46:49]',
    ]);
    const rows = rowsOf(detail).map((cells) => [cells[2], ...cells.slice(5, 9), cells[10]]);
    expect(rows).toEqual([
      ['', '', '1000.00', '0.00', '1000.00', '充值'],
      ['T000000000000001', 'buy***@c.cn', '100.00', '0.00', '1100.00', '在线支付'],
      ['T000000000000001', '', '0.00', '-0.60', '1099.40', '收费'],
      ['n1', 'zha***@b.cn', '0.00', '-12.30', '1087.10', '转账'],
      ['n2', 'zha***@b.cn', '0.00', '-7.70', '1079.40', '转账'],
      ['T000000000000001', 'buy***@c.cn', '0.00', '-40.00', '1039.40', '交易退款'],
    ]);
    expect(await alipay.balanceOf(shown.appId)).toBe('1039.40');
    expect(rowsOf(summary).at(-1)).toEqual(['合计', '2', '1100.00', '4', '-60.60', '1039.40']);
    expect(detail?.lines[8]).toMatch(/^3\d{11}\t,\d{32}\t,n1\t,8月佣金结算,2026-03-06 10:00:00,/);
  });

  it('R-TST-1 of trades tell payments and refunds apart', async () => {
    const at = '2026-03-06T12:00:00+08:00';
    const where = `_sandbox/merchants/${shown.appId}`;
    const trade = { amount: '100.00', outTradeNo: 'O1', tradeNo: tradeNo(), subject: 'a, "b"', at };
    await alipay.control('POST', `${where}/trades`, trade);
    const refund = { trade_no: tradeNo(), refund_amount: '40.00', out_request_no: 'r1' };
    await call(sdk, 'alipay.trade.refund', { ...refund, refund_reason: '七天' });
    await alipay.moveClock('2026-03-08T09:00:00+08:00');
    const [paid] = await billOf({ bill_type: 'trade', bill_date: DAY });
    expect(paid?.name).toMatch(/_20260306_业务明细\.csv$/);
    expect(paid?.lines[5]).toMatch(
      /^2026030622001\d+\t,O1\t,交易\t,"a, ""b""",2026-03-06 12:00:00,/,
    );
    const totals = '#交易合计：1笔，商家实收共100.00元，商家优惠共0.00元';
    expect(paid?.lines).toContain(totals);
    const [back] = await billOf({ bill_type: 'trade', bill_date: '2026-03-07' });
    const [row = []] = rowsOf(back);
    expect([row[2], row[11], row.includes('r1')]).toEqual(['退款', '-40.00', true]);
    expect(back?.lines[4]?.split(',')).toHaveLength(25);
  });

  it('of days without a movement exist, and say that they are empty', async () => {
    await alipay.moveClock('2026-03-08T09:00:00+08:00');
    const biz = { bill_type: 'signcustomer', bill_date: '2026-03-01' };
    expect(await call(sdk, BILL, biz)).toMatchObject({
      code: '10000',
      billFileCode: 'EMPTY_DATA_WITH_BILL_FILE',
    });
    const [detail] = await billOf(biz);
    expect(rowsOf(detail)).toEqual([]);
    expect(detail?.lines).toContain('#支出合计：0笔，共0.00元');
  });

  it.each([
    ['TYPE_NOT_SUPPORTED', { bill_type: 'merchant_act', bill_date: DAY }],
    ['INVAILID_ARGUMENTS', { bill_type: 'trade', bill_date: '2026-02-30' }],
    ['INVAILID_ARGUMENTS', { bill_type: 'trade', bill_date: '06.03.2026' }],
    ['INVAILID_ARGUMENTS', { bill_type: 'trade', bill_date: '2019-12-31' }],
    ['INVAILID_ARGUMENTS', { bill_type: 'trade', bill_date: '2030-01-01' }],
    ['INVAILID_ARGUMENTS', { bill_type: 'trade', bill_date: '2026-03' }],
  ])('refuses with %s: %j', async (subCode, biz) => {
    expect(await call(sdk, BILL, biz)).toMatchObject({ code: '40004', subCode });
  });
});

describe('F25 a bill with a fault', () => {
  /** Five movements of the sixth, as cells of the detail's rows. */
  async function withFault(fault: string, more: Tree = {}): Promise<Response> {
    await alipay.moveClock('2026-03-08T09:00:00+08:00');
    const where = `_sandbox/merchants/${shown.appId}/movements`;
    for (const amount of ['1.00', '2.00', '3.00', '4.00', '5.00']) {
      const at = '2026-03-06T12:00:00+08:00';
      await alipay.control('POST', where, { amount, type: 'top-up', at });
    }
    await alipay.fault({ fault, match: { appId: shown.appId }, ...more });
    const { billDownloadUrl } = await call(sdk, BILL, DAY_BILL);
    return download(billDownloadUrl);
  }
  const amountsIn = async (response: Response): Promise<unknown[]> => {
    const [detail] = await entriesOf(new Uint8Array(await response.arrayBuffer()));
    expect(detail?.lines).toContain('#收入合计：5笔，共15.00元');
    return rowsOf(detail).map((cells) => cells[6]);
  };

  it('is late by some queries, or missing until the fault is gone', async () => {
    await alipay.moveClock('2026-03-08T09:00:00+08:00');
    const asked = async (): Promise<unknown> => (await call(sdk, BILL, DAY_BILL))['subCode'];
    await alipay.fault({ fault: 'bill-late', afterQueries: 2, match: { appId: shown.appId } });
    expect([await asked(), await asked(), await asked()]).toEqual([
      'BILL_NOT_EXIST',
      'BILL_NOT_EXIST',
      undefined,
    ]);
    const match = { outBizNo: `signcustomer:${DAY}`, appId: shown.appId };
    await alipay.fault({ fault: 'bill-missing', match });
    expect([await asked(), await asked()]).toEqual(['BILL_NOT_EXIST', 'BILL_NOT_EXIST']);
    const other = await call(sdk, BILL, { ...DAY_BILL, bill_date: '2026-03-05' });
    expect(other['code']).toBe('10000');
    await alipay.control('DELETE', '_sandbox/faults');
    expect(await asked()).toBeUndefined();
  });

  it('lacks rows that its totals still count', async () => {
    const response = await withFault('bill-missing-rows');
    expect(await amountsIn(response)).toEqual(['1.00', '3.00', '5.00']);
  });

  it('has rows twice that its totals count once', async () => {
    const response = await withFault('bill-duplicated-rows');
    const amounts = ['1.00', '1.00', '2.00', '3.00', '3.00', '4.00', '5.00', '5.00'];
    expect(await amountsIn(response)).toEqual(amounts);
  });

  it('is empty though money moved', async () => {
    const response = await withFault('bill-empty');
    const [detail] = await entriesOf(new Uint8Array(await response.arrayBuffer()));
    expect(rowsOf(detail)).toEqual([]);
    expect(detail?.lines).toContain('#收入合计：0笔，共0.00元');
  });

  it('is cut off in the middle', async () => {
    const response = await withFault('bill-truncated');
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(bytes.length).toBeGreaterThan(100);
    await expect(entriesOf(bytes)).rejects.toThrow(/zip|central directory/i);
  });

  it('is written in UTF-8', async () => {
    const response = await withFault('bill-wrong-encoding');
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [inGbk] = await entriesOf(bytes);
    expect(inGbk?.name).not.toContain('账务明细');
    const [inUtf8] = await entriesOf(bytes, 'utf-8');
    expect(inUtf8?.lines[0]).toBe('#支付宝账务明细查询');
  });

  it('is whole again when the fault is used up', async () => {
    await withFault('bill-empty');
    const [detail] = await billOf(DAY_BILL);
    expect(rowsOf(detail)).toHaveLength(5);
    expect(await alipay.list('faults')).toMatchObject([{ fault: 'bill-empty', left: 0, hits: 1 }]);
  });

  it.each([
    ['http-502', 502],
    ['slow', 200],
  ])('whose download is hit by %s', async (fault, status) => {
    const response = await withFault(fault, { api: 'bill-file' });
    expect(response.status).toBe(status);
    const where = `requests?outBizNo=signcustomer:${DAY}&appId=${shown.appId}&method=bill-file`;
    expect(await alipay.list(where)).toMatchObject([{ fault, verified: true }]);
  });

  it('whose download breaks off', async () => {
    await expect(withFault('drop-connection', { api: 'bill-file' })).rejects.toThrow(/fetch/);
  });

  it('refuses faults that cannot happen there', async () => {
    const wishes = [
      { fault: 'bill-empty', api: 'transfer' },
      { fault: 'returned', api: 'bill-file' },
      { fault: 'returned', api: 'settle' },
      { fault: 'processing', api: 'bill-file' },
    ];
    for (const wish of wishes) expect(await alipay.fault(wish)).toMatchObject({ status: 422 });
  });
});

describe('the address of a bill', () => {
  it('cannot be changed to another bill’s', async () => {
    await alipay.moveClock('2026-03-08T09:00:00+08:00');
    const { billDownloadUrl } = await call(sdk, BILL, DAY_BILL);
    const forged = String(billDownloadUrl).replace('bizDates=20260306', 'bizDates=20260305');
    expect(forged).not.toBe(billDownloadUrl);
    expect((await download(forged)).status).toBe(403);
    expect((await download(`${alipay.url}/downloadBillFile.resource`)).status).toBe(403);
  });
});
