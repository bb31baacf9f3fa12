import type { PayoutExplained, StatementExplained, WhyUnpaid } from '@qingfen/contracts';
import { entryLines, verdictLines } from './tell-entry.js';
import { indented, under, type Words } from './words.js';

export function statementDocument(document: StatementExplained, words: Words): string[] {
  return [...statementLines(document, words), ...verdictLines(document, words)];
}

function statementLines(document: StatementExplained, words: Words): string[] {
  const { statementId, payeeId, net, currency, issuedAt, parts, entries } = document;
  const w = words.either;
  const parted = { message: document.partsMessage, messageZh: document.partsMessageZh };
  return [
    `${w('Statement', '结算单')} ${statementId}: ${payeeId} ${net} ${currency} ${issuedAt}`,
    ...indented([
      words.said(document),
      ...(document.withholding === undefined ? [] : [words.said(document.withholding)]),
      words.said(parted),
      ...parts.map(({ part, payoutId, amount }) => `${part}. ${payoutId} ${amount}`),
      ...under(
        w('Entries', '条目'),
        entries.flatMap((told) => entryLines(told, words)),
      ),
    ]),
  ];
}

export function payoutDocument(document: PayoutExplained, words: Words): string[] {
  const { payoutId, booked, transitions, giveBackEntryId, statement } = document;
  const w = words.either;
  return [
    `${w('Payout', '付款')} ${payoutId}: ${booked.amount} ${booked.currency} (${booked.part}/${booked.parts}) ${booked.requestedAt}`,
    ...indented([
      words.said(document),
      ...transitions.map((one) => `${one.at} ${words.said(one)}`),
      ...(giveBackEntryId === null
        ? []
        : [w(`given back as ${giveBackEntryId}`, `退回为条目 ${giveBackEntryId}`)]),
    ]),
    ...statementLines(statement, words),
    ...verdictLines(document, words),
  ];
}

export function whyDocument(document: WhyUnpaid, words: Words): string[] {
  const w = words.either;
  const { payeeId, at, hasAccount, holds, kinds } = document;
  return [
    `${w('Payee', '收款方')} ${payeeId}, ${at}`,
    ...(hasAccount ? [] : [w('  has no Alipay account', '  没有支付宝账号')]),
    ...indented(holds.map((hold) => words.said(hold))),
    ...(kinds.length === 0 ? [w('Nothing was ever owed to it.', '从未有应结款项。')] : []),
    ...kinds.flatMap((kind) => kindLines(kind, words)),
  ];
}

function kindLines(kind: WhyUnpaid['kinds'][number], words: Words): string[] {
  const w = words.either;
  const run = kind.nextRun;
  return [
    `${kind.kind} ${kind.currency}: ${words.said(kind)}`,
    ...indented([
      `${w('unstated', '未结算')} ${kind.unstated}, ${w('next run', '下一批次')} ${run === null ? '–' : run.dueAt}: ${kind.nextAmount}`,
      ...kind.obstacles.map((obstacle) => `! ${words.said(obstacle)}`),
      ...kind.groups.flatMap((group) => [
        words.said(group),
        ...indented([
          ...group.holds.map((hold) => words.said(hold)),
          ...group.entries.map(
            ({ entryId, orderId, amount, maturesAt }) =>
              `${entryId} ${orderId ?? ''} ${amount} ${maturesAt}`,
          ),
        ]),
      ]),
      ...kind.payouts.map((payout) => `${payout.payoutId} ${payout.amount}: ${words.said(payout)}`),
      ...(kind.morePayouts ? ['…'] : []),
    ]),
  ];
}
