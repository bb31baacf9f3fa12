import type { ExplainedWithholding } from '@qingfen/contracts';
import { taxCurrency } from '@qingfen/core-plan';
import { taxOn } from '@qingfen/core-settlement';
import { formatAmount, formatExact, minor } from '@qingfen/money';
import { kindWords, said, type Said, type Shown } from './explanation-words.js';
import { keptWithholding, tierText } from './withholding-record.js';
import type { PayeeWithholding } from './withholding.store.js';

/** What is kept of the tax of a statement. */
export interface WithholdingFact {
  readonly net_minor: bigint;
  readonly withheld_minor: bigint;
  readonly withholding: string | null;
}

/** How a statement's tax comes about; undefined where none could be withheld. */
export function withholdingView(
  fact: WithholdingFact,
  shown: Shown,
): ExplainedWithholding | undefined {
  if (fact.withholding === null) return undefined;
  const kept = keptWithholding(fact.withholding);
  const { rule, from, to, before } = kept;
  const gross = fact.net_minor + fact.withheld_minor;
  const due = taxOn(rule.tiers, before.grossMinor + gross);
  const amounts = {
    gross: text(gross),
    withheld: text(fact.withheld_minor),
    before: text(before.grossMinor),
    withheldBefore: text(before.withheldMinor),
    due: text(due),
  };
  return {
    ...amounts,
    period: rule.period,
    from: shown(from),
    to: shown(to),
    tiers: rule.tiers.map(tierText),
    ...words(kept, { ...amounts, net: text(fact.net_minor), sum: text(before.grossMinor + gross) }),
  };
}

type Amounts = Readonly<
  Record<'gross' | 'withheld' | 'net' | 'before' | 'withheldBefore' | 'due' | 'sum', string>
>;

function words({ rule }: PayeeWithholding, amounts: Amounts): Said {
  const { gross, withheld, net, before, withheldBefore, due, sum } = amounts;
  const names = rule.kinds.map(kindWords);
  const en = names.map(({ message }) => message).join(', ');
  const zh = names.map(({ messageZh }) => messageZh).join('、');
  const tiers = tierWords(rule);
  const isMonth = rule.period === 'month';
  return said(
    `${gross} − ${withheld} tax withheld = ${net} ${taxCurrency}. Of the ${isMonth ? 'month' : 'year'} ` +
      `${before} (${en}) had been stated before and ${withheldBefore} of that withheld, less what was given ` +
      `back. The tax on ${sum} is ${due} (${tiers.message}), less ${withheldBefore}; never below 0.00 nor ` +
      `above the statement.`,
    `${gross} − 代扣税 ${withheld} = ${net} ${taxCurrency}。本${isMonth ? '月' : '年'}此前已结算 ${before} (${zh}), ` +
      `已代扣 ${withheldBefore}, 均已减去退回部分。累计 ${sum} 应扣 ${due} (${tiers.messageZh}), 减去已扣 ` +
      `${withheldBefore}; 不低于 0.00, 不超过本结算单。`,
  );
}

/** Which rate is that of which part of the sum. */
function tierWords({ tiers }: PayeeWithholding['rule']): Said {
  const parts = tiers.map((tier) => {
    const { from } = tierText(tier);
    // Millionths as per cent: two digits are in the sign itself.
    return { from, percent: `${formatExact(tier.ratePpm, 4, 0)}%` };
  });
  return said(
    parts.map(({ from, percent }) => `${percent} from ${from} on`).join(', '),
    parts.map(({ from, percent }) => `${from} 起 ${percent}`).join(', '),
  );
}

function text(units: bigint): string {
  return formatAmount(minor(units), taxCurrency);
}
