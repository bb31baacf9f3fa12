import { accountLines } from './account-lines.js';
import type { AccountLine } from './account-lines.js';
import type { BillPeriod } from './bill-period.js';
import { beijingTime } from './clock.js';
import type { Merchant } from './money.js';
import { yuan } from './yuan.js';

/** One of the files of a bill, before it is text: `#` lines around a head and rows of cells. */
export interface BillTable {
  /** The end of the file's name. */
  readonly name: string;
  readonly title: string;
  /** What the ruled lines around the rows say. */
  readonly rule: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly totals: readonly string[];
}

/** Alipay keeps Excel from reading long numbers as floating point. */
const guarded = (text: string | null): string => `${text ?? ''}\t`;

/** The movements that a bill lists. */
export function billLines(merchant: Merchant, { type, fromMs, toMs }: BillPeriod): AccountLine[] {
  const lines = accountLines(merchant, fromMs, toMs);
  return type === 'signcustomer' ? lines : lines.filter(({ type: kind }) => isTrade(kind));
}

/** The bill of a period: the detail, and the summary of it. */
export function billTables(type: BillPeriod['type'], lines: readonly AccountLine[]): BillTable[] {
  return type === 'trade' ? tradeTables(lines) : accountTables(lines);
}

function isTrade(kind: AccountLine['type']): boolean {
  return kind === 'payment' || kind === 'refund';
}

const TRADE_HEAD = (
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,' +
  '对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,' +
  '券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,' +
  '分润（元）,备注'
).split(',');
const TRADE_SUMMARY_HEAD = (
  '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,' +
  '商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）'
).split(',');

function tradeTables(lines: readonly AccountLine[]): BillTable[] {
  const [paid, refunded] = [sumOf(lines, isIncome), sumOf(lines, isExpense)];
  const net = yuan(paid.minor + refunded.minor);
  const totals = [
    `交易合计：${paid.count}笔，商家实收共${yuan(paid.minor)}元，商家优惠共0.00元`,
    `退款合计：${refunded.count}笔，商家实收退款共${yuan(refunded.minor)}元，商家优惠退款共0.00元`,
  ];
  const counts = [String(paid.count), String(refunded.count)];
  const sums = [net, net, '0.00', '0.00', '0.00', '0.00', '0.00', net];
  return [
    {
      name: '业务明细',
      title: '支付宝业务明细查询',
      rule: '业务明细列表',
      head: TRADE_HEAD,
      rows: lines.map(tradeRow),
      totals,
    },
    {
      name: '业务明细(汇总)',
      title: '支付宝业务汇总查询',
      rule: '业务汇总列表',
      head: TRADE_SUMMARY_HEAD,
      rows: [['合计', '', ...counts, ...sums]],
      totals: [],
    },
  ];
}

function tradeRow(line: AccountLine): string[] {
  const time = beijingTime(line.at);
  const amount = yuan(line.amountMinor);
  const zeros = ['0.00', '0.00', '0.00', '0.00', '0.00'];
  return [
    guarded(line.alipayOrderNo ?? line.logId),
    guarded(line.outBizNo),
    guarded(line.amountMinor > 0n ? '交易' : '退款'),
    line.title ?? '',
    time,
    time,
    ...['', '', '', ''].map(guarded),
    guarded(maskedAccount(line.counterparty)),
    amount,
    amount,
    ...zeros,
    '',
    guarded('0.00'),
    '0.00',
    guarded(line.refundNo),
    '0.00',
    '0.00',
    line.title ?? '',
  ];
}

const ACCOUNT_HEAD = (
  '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,' +
  '账户余额（元）,交易渠道,业务类型,备注,业务描述,业务订单号,业务基础订单号,业务账单来源'
).split(',');
const ACCOUNT_SUMMARY_HEAD =
  '类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）'.split(',');

function accountTables(lines: readonly AccountLine[]): BillTable[] {
  const [out, income] = [sumOf(lines, isExpense), sumOf(lines, isIncome)];
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  return [
    {
      name: '账务明细',
      title: '支付宝账务明细查询',
      rule: '账务明细列表',
      head: ACCOUNT_HEAD,
      rows: lines.map(accountRow),
      totals: [
        `支出合计：${out.count}笔，共${yuan(out.minor)}元`,
        `收入合计：${income.count}笔，共${yuan(income.minor)}元`,
      ],
    },
    {
      name: '账务明细(汇总)',
      title: '支付宝账务汇总查询',
      rule: '账务汇总列表',
      head: ACCOUNT_SUMMARY_HEAD,
      rows: [
        ...kinds.map((kind) =>
          summaryRow(
            kind,
            lines.filter((line) => line.kind === kind),
          ),
        ),
        summaryRow('合计', lines),
      ],
      totals: [],
    },
  ];
}

function accountRow(line: AccountLine): string[] {
  const amount = yuan(line.amountMinor);
  return [
    guarded(line.logId),
    guarded(line.alipayOrderNo),
    guarded(line.outBizNo),
    line.title ?? '',
    beijingTime(line.at),
    guarded(maskedAccount(line.counterparty)),
    isIncome(line) ? amount : '0.00',
    isIncome(line) ? '0.00' : amount,
    yuan(line.balanceAfterMinor),
    '支付宝',
    guarded(line.kind),
    line.title ?? '',
    '',
    guarded(line.alipayOrderNo),
    guarded(line.tradeNo ?? line.alipayOrderNo),
    '支付宝',
  ];
}

function summaryRow(name: string, lines: readonly AccountLine[]): string[] {
  const [income, out] = [sumOf(lines, isIncome), sumOf(lines, isExpense)];
  const sums = [String(income.count), yuan(income.minor), String(out.count), yuan(out.minor)];
  return [name, ...sums, yuan(income.minor + out.minor)];
}

/** `张*(abc***@sina.com)` is all that a bill tells of an account. */
function maskedAccount(account: string | null): string {
  if (account === null) return '';
  const at = account.indexOf('@');
  return at > 0 ? `${account.slice(0, 3)}***${account.slice(at)}` : `${account.slice(0, 3)}***`;
}

function isIncome(line: AccountLine): boolean {
  return line.amountMinor > 0n;
}

function isExpense(line: AccountLine): boolean {
  return !isIncome(line);
}

function sumOf(
  lines: readonly AccountLine[],
  chosen: (line: AccountLine) => boolean,
): { count: number; minor: bigint } {
  const counted = lines.filter(chosen);
  return {
    count: counted.length,
    minor: counted.reduce((sum, line) => sum + line.amountMinor, 0n),
  };
}
