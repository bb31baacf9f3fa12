import type {
  EntryExplained,
  EntryExplanation,
  ExplainedEntry,
  ExplainedLine,
  ExplainedOrder,
  ExplainedReward,
  ExplainedRow,
  ExplanationDifference,
  OrderExplained,
} from '@qingfen/contracts';
import { indented, under, type Words } from './words.js';

/** How an amount came about, in one line. */
export function howLine(how: EntryExplanation, words: Words): string {
  const { before, share, exact, owed, rounding = '', bound = null, cappedBy } = how;
  const held =
    bound === null
      ? ''
      : words.either(`, held by ${bound} (${cappedBy})`, `, 受限于 ${bound} (${cappedBy})`);
  return share === 'rest'
    ? words.either(`what is left: ${owed}`, `剩余部分: ${owed}`)
    : `${before} × (${share}) = ${exact} → ${owed} (${rounding})${held}`;
}

/** An entry with its rows, as its statement or order lists it. */
export function entryLines(told: ExplainedEntry, words: Words): string[] {
  const { entry, source, rows } = told;
  const { entryId, amount, currency, state, maturesAt, holds } = entry;
  const held = holds.length === 0 ? '' : ` [${holds.join(', ')}]`;
  const from = source.topic === null ? '' : `${source.topic} `;
  return [
    `${entryId}  ${amount} ${currency}  ${state}${held}`,
    ...indented([
      words.said(told),
      ...(entry.how === null ? [] : [howLine(entry.how, words)]),
      `${words.either('matures', '到期')} ${maturesAt}; ${from}${source.correlationId}; ${words.either('journal', '日志')} ${source.journalBatch}`,
      ...(rows.length > 1 ? rows.map((row) => rowLine(row, words)) : []),
    ]),
  ];
}

function rowLine(row: ExplainedRow, words: Words): string {
  const { base, target, amount, expected } = row;
  const of =
    base === null ? '' : words.either(`; ${target} of ${base}`, `; 余额 ${base} 应得 ${target}`);
  const must =
    expected === amount ? '' : `, ${words.either('should be', '应为')} ${expected ?? '–'}`;
  const cause = `${row.cause} ${row.causeId ?? ''}`.trim();
  return `${row.row} ${amount ?? '–'}${must}  ${cause} ${row.at ?? ''}${of}`;
}

export function differenceLines(
  differences: readonly ExplanationDifference[],
  words: Words,
): string[] {
  return differences.map((difference) => words.said(difference));
}

/** Whether it agrees, and if not, where. */
export function verdictLines(
  {
    agrees,
    differences,
  }: { readonly agrees: boolean; readonly differences: readonly ExplanationDifference[] },
  words: Words,
): string[] {
  if (agrees) {
    return [
      words.either('Recomputed from its facts: agrees with the books.', '按事实重算: 与账簿一致。'),
    ];
  }
  const heading = words.either(
    'RECOMPUTED FROM ITS FACTS: THE BOOKS DIFFER.',
    '按事实重算: 与账簿不一致。',
  );
  return under(heading, differenceLines(differences, words));
}

/** The facts of an order. */
export function orderLines(order: ExplainedOrder, words: Words): string[] {
  const { plan, window, conditions, rateFacts, refunds, holds, rebindings } = order;
  const w = words.either;
  return [
    `${w('Order', '订单')} ${order.orderId}: ${w('paid', '支付')} ${order.paid} ${order.currency} ${order.paidAt}, ${w('completed', '完成')} ${order.completedAt}`,
    ...indented([
      plan === null
        ? w('No plan version binds it.', '没有绑定规则版本。')
        : `${words.said(plan)} (${plan.hash.slice(0, 12)})`,
      `${w('return window ends', '退货期结束')} ${window.closesAt ?? '–'}, ${window.closeHeard ? w('announced', '已通知') : w('not announced', '未通知')}`,
      ...rebindings.map(({ from, to, at }) =>
        w(
          `bound anew from version ${from} to ${to ?? 'none'} at ${at}`,
          `${at} 由版本 ${from} 改为 ${to ?? '无'}`,
        ),
      ),
      ...conditions.map((condition) => words.said(condition)),
      ...rateFacts.map(({ by, payeeId, value }) => `${by} ${payeeId}: ${value}`),
      ...refunds.map((refund) => {
        const items = refund.items.map(
          ({ itemId, amount, subsidy }) => `${itemId} ${amount}+${subsidy}`,
        );
        return `${w('refund', '退款')} ${refund.refundId} ${refund.refundedAt} ${refund.state}: ${items.join(', ')}`;
      }),
      ...holds.map((hold) => `${words.said(hold)} (${hold.openedAt} – ${hold.releasedAt ?? ''})`),
    ]),
  ];
}

/** A line as it stands now: its fee, its levels, present or not, and the rest. */
export function lineLines(line: ExplainedLine, words: Words): string[] {
  const w = words.either;
  return [
    `${w('Line', '明细')} ${line.itemId} (${line.kind}): ${w('paid', '支付')} ${line.paid}, ${w('refunded', '已退')} ${line.refunded}, ${w('base', '余额')} ${line.base}`,
    ...indented([
      ...(line.fee === null ? [] : [`${w('fee', '服务费')}: ${howLine(line.fee, words)}`]),
      ...line.levels.map((level) =>
        level.how === null
          ? words.said(level)
          : `${words.said(level)} ${howLine(level.how, words)}`,
      ),
      ...(line.supplier === null
        ? []
        : [
            `${line.supplier.payeeId ?? w('own goods', '自营')}: ${howLine(line.supplier.how, words)}`,
          ]),
    ]),
  ];
}

export function entryDocument(document: EntryExplained, words: Words): string[] {
  const { told, order, line, giveBack, teamReward, manual, withholding } = document;
  const w = words.either;
  return [
    ...entryLines(told, words),
    ...(order === null ? [] : orderLines(order, words)),
    ...(line === null ? [] : lineLines(line, words)),
    ...(giveBack === null
      ? []
      : [
          `${w('from payout', '来自付款')} ${giveBack.payoutId}: ${giveBack.amount} ${giveBack.status ?? ''}`,
        ]),
    ...(teamReward === null ? [] : rewardLines(teamReward, words)),
    ...(manual === null
      ? []
      : [
          `${manual.id}: ${manual.reason} (${manual.by}, ${w('approved by', '批准人')} ${manual.approvedBy ?? '–'})`,
        ]),
    ...(withholding === undefined ? [] : [words.said(withholding)]),
    ...verdictLines(document, words),
  ];
}

function rewardLines(reward: ExplainedReward, words: Words): string[] {
  const w = words.either;
  const tiers = reward.reached.map(({ from, rate, fixed }) => `${rate} + ${fixed} (≥ ${from})`);
  return [
    `${w('Team', '团队')} ${reward.teamId} ${reward.period}: ${reward.counted} + ${reward.carried} = ${reward.performance} → ${reward.reward} (${reward.method}: ${tiers.join('; ') || '–'})`,
    ...indented(
      reward.orders.map(({ orderId, change, expected }) =>
        change === expected ? `${orderId} ${change}` : `${orderId} ${change} ≠ ${expected ?? '–'}`,
      ),
    ),
  ];
}

export function orderDocument(document: OrderExplained, words: Words): string[] {
  return [
    ...orderLines(document.order, words),
    ...document.lines.flatMap((line) => lineLines(line, words)),
    ...document.entries.flatMap((told) => entryLines(told, words)),
    ...verdictLines(document, words),
  ];
}
