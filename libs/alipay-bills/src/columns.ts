import { UnreadableBill } from './bill-line.js';

/** Of a bill's columns those that are read, by their names: newer files have more (alipay.md 8.2). */
const names = {
  logNo: '账务流水号',
  alipayNo: '业务流水号',
  outNo: '商户订单号',
  title: '商品名称',
  at: '发生时间',
  account: '对方账号',
  income: '收入金额（+元）',
  expense: '支出金额（-元）',
  balance: '账户余额（元）',
  kind: '业务类型',
  memo: '备注',
} as const;

/** Newer files have it: what a refund belongs to, where older ones have its trade as 业务流水号. */
const baseName = '业务基础订单号';

/** Where each column stands in a row; `baseNo` is null where the file has none. */
export type Columns = Readonly<Record<keyof typeof names, number>> & {
  readonly baseNo: number | null;
  readonly count: number;
};

/** Whether a record is the head of the table. */
export function isHead(record: readonly string[]): boolean {
  return record[0]?.trim() === names.logNo;
}

/** @throws UnreadableBill where a column is missing or there twice */
export function columnsOf(head: readonly string[]): Columns {
  const given = head.map((name) => name.trim());
  const placeOf = (name: string): number => {
    const place = given.indexOf(name);
    if (place < 0) throw new UnreadableBill('unknown-columns', `no column ${name}`);
    if (given.lastIndexOf(name) !== place) {
      throw new UnreadableBill('unknown-columns', `two columns ${name}`);
    }
    return place;
  };
  return {
    logNo: placeOf(names.logNo),
    alipayNo: placeOf(names.alipayNo),
    outNo: placeOf(names.outNo),
    title: placeOf(names.title),
    at: placeOf(names.at),
    account: placeOf(names.account),
    income: placeOf(names.income),
    expense: placeOf(names.expense),
    balance: placeOf(names.balance),
    kind: placeOf(names.kind),
    memo: placeOf(names.memo),
    baseNo: given.includes(baseName) ? placeOf(baseName) : null,
    count: given.length,
  };
}
