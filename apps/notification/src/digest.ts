import type { DailyReport } from '@qingfen/contracts';
import { kindNames, type Facts, type Telling } from './wording.js';

/** One thing in both languages. */
interface Words {
  readonly zh: string;
  readonly en: string;
}

type Figures = DailyReport['totals'][number];

/** The figures of a day in the order in which they are told. */
const figureNames: readonly (readonly [name: Exclude<keyof Figures, 'currency'>, words: Words])[] =
  [
    ['statements', { zh: '结算单', en: 'statements' }],
    ['requested', { zh: '申请付款', en: 'payouts asked for' }],
    ['succeeded', { zh: '付款成功', en: 'paid' }],
    ['failed', { zh: '付款未成功', en: 'failed' }],
    ['cancelled', { zh: '已取消', en: 'cancelled' }],
    ['returned', { zh: '退回', en: 'returned' }],
    ['givenBack', { zh: '重新计入应付', en: 'owed again' }],
  ];

/** States in which a payout stays until somebody looks, or Alipay says how it ended. */
const wantsSomebody: ReadonlySet<string> = new Set(['review', 'blocked', 'unknown']);

/** What states are called in which a payout has not ended. */
const statesZh: Readonly<Record<string, string>> = {
  requested: '待发送',
  waiting: '等待中',
  review: '待审核',
  blocked: '已拦截',
  sending: '发送中',
  unknown: '结果未知',
};

/** Which edition of a shop's day is told. */
export interface Edition {
  readonly shopId: string;
  readonly day: string;
  readonly edition: number;
  /** Whether an edition before it was told. */
  readonly corrects: boolean;
}

/**
 * Whether there is nothing to tell of a day: nothing was compared or moved, and nothing is open now. An
 * alert that only informs does not count.
 */
export function isQuiet(report: DailyReport): boolean {
  const { totals, openPayouts, cash, differences, alerts } = report;
  const hasMoved = totals.length > 0 || Object.values(cash.counts ?? {}).some((count) => count > 0);
  const isOpen = openPayouts.totals.length > 0 || differences.totals.length > 0;
  const alarms = alerts.items.some(({ severity, open }) => severity !== 'info' && open > 0);
  return !hasMoved && !isOpen && !alarms && balances(report);
}

/** The mail that an operator is told a day with; its text is made here and stays as it is. */
export function tellingOfDay(report: DailyReport, told: Edition): Telling {
  const { shopId, day, edition } = told;
  return {
    shopId,
    payeeId: null,
    deliveryId: `digest:${day}:${edition}:mail`,
    template: told.corrects ? 'daily-digest-corrected' : 'daily-digest',
    subject: { type: 'daily-report', id: day },
    facts: factsOf(report),
  };
}

function factsOf(report: DailyReport): Facts {
  const needs = needsOf(report);
  const texts = {
    headline: headlineOf(report, needs.length),
    needs: listed(needs, { zh: '无', en: 'nothing' }),
    moved: listed(movedOf(report), { zh: '无', en: 'nothing' }),
    open: listed(openOf(report), { zh: '无', en: 'none' }),
    cash: cashOf(report),
    foreseen: listed(foreseenOf(report), { zh: '无', en: 'nothing' }),
  };
  const { shopId, day, timezone, asOf } = report;
  return {
    ...{ shopId, day, timezone, at: asOf },
    ...Object.fromEntries(
      Object.entries(texts).flatMap(([name, { zh, en }]) => [
        [`${name}Zh`, zh],
        [`${name}En`, en],
      ]),
    ),
  };
}

/** What was paid, and how many things want somebody. */
function headlineOf({ totals }: DailyReport, needs: number): Words {
  const paid = totals
    .filter(({ succeeded }) => succeeded.count > 0)
    .map(({ succeeded, currency }) => `${succeeded.amount} ${currency}`)
    .join(' + ');
  return {
    zh: `付款 ${paid === '' ? '0' : paid}，${needs === 0 ? '无待处理' : `${needs} 项待处理`}`,
    en: `${paid === '' ? 'nothing' : paid} paid, ${needs === 0 ? 'nothing' : needs} to look at`,
  };
}

function needsOf(report: DailyReport): Words[] {
  const { differences, openPayouts, alerts, cash } = report;
  const balance = {
    zh: `余额不符：差额 ${cash.difference} CNY`,
    en: `the balance differs by ${cash.difference} CNY`,
  };
  return [
    ...(balances(report) ? [] : [balance]),
    ...differences.items.map(({ class: found, currency, count, amount }) => ({
      zh: `差异 ${found}：${count} 项，${amount} ${currency}`,
      en: `difference ${found}: ${count}, ${amount} ${currency}`,
    })),
    ...openPayouts.items.filter(({ state }) => wantsSomebody.has(state)).map(openWords),
    ...alerts.items
      .filter(({ severity, open }) => severity === 'critical' && open > 0)
      .map(({ class: raised, open }) => ({
        zh: `严重告警 ${raised}：${open} 个（docs/runbooks/${raised}.md）`,
        en: `critical alert ${raised}: ${open} (docs/runbooks/${raised}.md)`,
      })),
  ];
}

/** Each kind, and all of them together where there are several. */
function movedOf({ kinds, totals }: DailyReport): Words[] {
  const all = { zh: '合计', en: 'all' };
  const unknown = { zh: '未知类型', en: 'kind unknown' };
  return [
    ...kinds.map((of) => figureLine(of, of.kind === null ? unknown : kindNames[of.kind])),
    ...(kinds.length > totals.length ? totals.map((of) => figureLine(of, all)) : []),
  ];
}

function figureLine(of: Figures, name: Words): Words {
  const told = figureNames.filter(([figure]) => of[figure].count > 0);
  const text = (language: keyof Words, joint: string): string =>
    told
      .map(([figure, words]) => `${words[language]} ${of[figure].count} / ${of[figure].amount}`)
      .join(joint);
  return {
    zh: `${name.zh}（${of.currency}）：${text('zh', '；')}`,
    en: `${name.en} (${of.currency}): ${text('en', '; ')}`,
  };
}

function openOf({ openPayouts }: DailyReport): Words[] {
  const { items, totals } = openPayouts;
  return [
    ...items.map(openWords),
    ...totals.map(({ currency, count, amount }) => ({
      zh: `合计：${count} 笔，${amount} ${currency}`,
      en: `all: ${count}, ${amount} ${currency}`,
    })),
  ];
}

function openWords(open: DailyReport['openPayouts']['items'][number]): Words {
  const { kind, state, currency, count, amount } = open;
  return {
    zh: `付款${statesZh[state] ?? state}（${kindNames[kind].zh}）：${count} 笔，${amount} ${currency}`,
    en: `payouts ${state} (${kindNames[kind].en}): ${count}, ${amount} ${currency}`,
  };
}

function cashOf({ cash }: DailyReport): Words {
  const { state, ledger, alipay, difference } = cash;
  if (state !== 'done') return { zh: '- 尚未核对', en: '- not compared yet' };
  return {
    zh: `- 支付宝 ${alipay}，账簿 ${ledger}，差额 ${difference} CNY`,
    en: `- Alipay ${alipay}, ledger ${ledger}, difference ${difference} CNY`,
  };
}

function foreseenOf({ foreseen }: DailyReport): Words[] {
  const days = foreseen.days.filter(({ due }) => !isZero(due));
  if (days.length === 0) return [];
  return [
    ...days.map(({ day, due }) => ({ zh: `${day}：${due} CNY`, en: `${day}: ${due} CNY` })),
    { zh: `合计：${foreseen.total} CNY`, en: `all: ${foreseen.total} CNY` },
  ];
}

function listed(lines: readonly Words[], none: Words): Words {
  const text = (language: keyof Words): string =>
    (lines.length === 0 ? [none] : lines).map((line) => `- ${line[language]}`).join('\n');
  return { zh: text('zh'), en: text('en') };
}

/** A day that was not compared has no difference that anybody could look at. */
function balances({ cash }: DailyReport): boolean {
  return cash.difference === null || isZero(cash.difference);
}

function isZero(amountText: string): boolean {
  return /^-?0(\.0+)?$/.test(amountText);
}
