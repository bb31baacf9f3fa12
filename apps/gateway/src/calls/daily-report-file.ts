import type { DailyReport } from '@qingfen/contracts';
import { csvOf, type Cell } from './csv.js';
import { workbookOf } from './workbook.js';

type Figures = DailyReport['totals'][number];

type Section =
  | 'movements'
  | 'open-payouts'
  | 'differences'
  | 'alerts-raised'
  | 'alerts-open'
  | 'cash'
  | 'foreseen';

/** A figure: what it is of, and what it comes to; every section has the same columns. */
interface Line {
  readonly section: Section;
  /** A kind, `all`, `unknown`; of alerts the severity. */
  readonly of: string;
  readonly item: string;
  readonly currency: string;
  readonly count: number | null;
  readonly amount: string | null;
}

const columns = ['section', 'of', 'item', 'currency', 'count', 'amount'] as const;

const figureNames = [
  'statements',
  'requested',
  'succeeded',
  'failed',
  'cancelled',
  'returned',
  'givenBack',
] as const satisfies readonly (keyof Figures)[];

/** A day's report as CSV, a line for each figure; `all` is what the lines above it add up to. */
export function dailyReportCsv(report: DailyReport): string {
  const { shopId, day, timezone } = report;
  const whose = ['shopId', 'day', 'timezone'];
  const lines = linesOf(report).map((line) => [shopId, day, timezone, ...cellsOf(line)]);
  return csvOf([[...whose, ...columns], ...lines]);
}

/** The same as a workbook: what the day is on the first sheet, a sheet for each section behind it. */
export function dailyReportWorkbook(report: DailyReport): Promise<Buffer> {
  const lines = linesOf(report);
  const sheet = (name: string, ...sections: readonly Section[]) => ({
    name,
    rows: [[...columns], ...lines.filter(({ section }) => sections.includes(section)).map(cellsOf)],
  });
  return workbookOf([
    { name: '日报 summary', rows: summaryOf(report) },
    sheet('结算与付款 movements', 'movements'),
    sheet('未完成 open', 'open-payouts', 'differences', 'alerts-raised', 'alerts-open'),
    sheet('余额与预计 cash', 'cash', 'foreseen'),
  ]);
}

function summaryOf({ shopId, day, timezone, from, to, asOf, cash }: DailyReport): Cell[][] {
  return [
    ['店铺 shop', shopId],
    ['日期 day', day],
    ['时区 timezone', timezone],
    ['起 from', from],
    ['止 to', to],
    ['截至 as of', asOf],
    ['账单日（北京）bill', cash.day],
    ['对账 state', cash.state],
  ];
}

function linesOf(report: DailyReport): Line[] {
  return [
    ...report.kinds.flatMap((figures) => movementLines(figures.kind ?? 'unknown', figures)),
    ...report.totals.flatMap((figures) => movementLines('all', figures)),
    ...openLines(report),
    ...differenceLines(report),
    ...alertLines(report),
    ...cashLines(report),
    ...foreseenLines(report),
  ];
}

function movementLines(of: string, figures: Figures): Line[] {
  const { currency } = figures;
  return figureNames.map((item) => ({
    section: 'movements',
    of,
    item,
    currency,
    ...figures[item],
  }));
}

function openLines({ openPayouts: { items, totals } }: DailyReport): Line[] {
  const section = 'open-payouts';
  return [
    ...items.map(
      ({ kind, state, ...sum }) => ({ section, of: kind, item: state, ...sum }) as const,
    ),
    ...totals.map((sum) => ({ section, of: 'all', item: 'all', ...sum }) as const),
  ];
}

function differenceLines({ differences: { items, totals } }: DailyReport): Line[] {
  const section = 'differences';
  return [
    ...items.map(({ class: item, ...sum }) => ({ section, of: 'open', item, ...sum }) as const),
    ...totals.map((sum) => ({ section, of: 'all', item: 'all', ...sum }) as const),
  ];
}

function alertLines({ alerts: { items, totals } }: DailyReport): Line[] {
  const told = [
    ...items.map(({ class: item, severity, ...counts }) => ({ of: severity, item, ...counts })),
    { of: 'all', item: 'all', ...totals },
  ];
  const none = { currency: '', amount: null };
  return told.flatMap(({ of, item, raised, open }) => [
    { section: 'alerts-raised', of, item, count: raised, ...none },
    { section: 'alerts-open', of, item, count: open, ...none },
  ]);
}

function cashLines({ cash }: DailyReport): Line[] {
  const figures = ['ledger', 'alipay', 'difference'] as const;
  return figures.map((item) => {
    const of = cash.day;
    return { section: 'cash', of, item, currency: 'CNY', count: null, amount: cash[item] };
  });
}

function foreseenLines({ foreseen: { days, total } }: DailyReport): Line[] {
  const lines = [...days, { day: 'all', due: total }];
  return lines.map(({ day, due }) => {
    return { section: 'foreseen', of: 'due', item: day, currency: 'CNY', count: null, amount: due };
  });
}

function cellsOf(line: Line): Cell[] {
  return columns.map((column) => line[column]);
}
