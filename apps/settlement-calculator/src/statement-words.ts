import { formatAmount, minor } from '@qingfen/money';
import { kindWords, said, type Said, type Shown } from './explanation-words.js';
import type { StatementFact } from './statement-fact.store.js';

/** Why a statement was issued, and with which net. */
export function statementWords(fact: StatementFact, shown: Shown): Said {
  const { kind, currency, period, cutoff, payee_id: payeeId } = fact;
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  const name = kindWords(kind);
  const net = text(fact.net_minor);
  const gross = fact.owed_minor + fact.taken_minor;
  const tax = fact.withheld_minor === 0n ? '' : ` (${net} after tax)`;
  const taxZh = fact.withheld_minor === 0n ? '' : ` (代扣税后 ${net})`;
  const sums = `${text(fact.owed_minor)} − ${text(-fact.taken_minor)} = ${text(gross)} ${currency}`;
  const least = fact.min_payout_minor === null ? null : text(fact.min_payout_minor);
  const above = least === null ? '' : `, at least the minimum ${least}`;
  const aboveZh = least === null ? '' : `, 不低于最低付款额 ${least}`;
  if (period.startsWith('retry:')) {
    return said(
      `What payout ${period.slice('retry:'.length)} gave back was stated at once by hand: ${sums}${tax}.`,
      `付款 ${period.slice('retry:'.length)} 的退回款由人工立即重新结算: ${sums}${taxZh}。`,
    );
  }
  return said(
    `The run ${period} took the ${fact.entries} entries of ${payeeId} (${name.message}) that matured before ${shown(cutoff)} and that nothing held: ${sums}${tax}${above}.`,
    `结算批次 ${period} 收取 ${payeeId} 在 ${shown(cutoff)} 之前到期且未暂缓的 ${fact.entries} 条${name.messageZh}: ${sums}${taxZh}${aboveZh}。`,
  );
}

/** Why so many parts. */
export function partsWords(fact: StatementFact): Said {
  const { payouts, currency, transfer_max_minor: most } = fact;
  const count = payouts.length;
  if (most === null) {
    return said(`It asks for ${count} payouts.`, `共 ${count} 笔付款。`);
  }
  const limit = formatAmount(minor(most), currency);
  return count === 1
    ? said(
        `One payout: the net is not above the ${limit} that one may carry.`,
        `一笔付款: 净额不超过单笔上限 ${limit}。`,
      )
    : said(
        `${count} payouts: one may carry at most ${limit}; full ones first, the rest last.`,
        `共 ${count} 笔付款: 单笔上限 ${limit}, 先付足额部分, 余额最后。`,
      );
}
