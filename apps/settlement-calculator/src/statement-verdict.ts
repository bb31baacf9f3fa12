import { wayMinimum } from '@qingfen/core-plan';
import {
  payoutIdOf,
  payoutIdText,
  payStatement,
  statementIdOf,
  statementIdText,
  withheldShares,
  withhold,
  type TaxedStatement,
} from '@qingfen/core-settlement';
import { formatAmount, minor, ZERO } from '@qingfen/money';
import { sha256Hex } from '@qingfen/security';
import type { Difference } from './order-verdict.js';
import type { StatementFact } from './statement-fact.store.js';
import { keptWithholding } from './withholding-record.js';

/** Recomputes what a statement comes to from the entries it lists, and compares it with what was issued. */
export function judgeStatement(shopId: string, fact: StatementFact): readonly Difference[] {
  const { statement_id: id, currency, kind, period, payee_id: payeeId, payouts } = fact;
  const differences: Difference[] = [];
  const differ = (what: string, about: string, expected: string, booked: string): void => {
    if (expected === booked) return;
    const subject = { type: 'statement', id } as const;
    differences.push({ subject, what, entryId: null, party: null, about, expected, booked });
  };
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  const { grossMinor, withheldMinor, netMinor } = taxedOf(fact);
  const stated = minor(fact.net_minor + fact.withheld_minor);
  if (fact.withholding !== null) differ('gross', 'its gross', text(grossMinor), text(stated));
  differ('withheld', 'the tax withheld of it', text(withheldMinor), text(fact.withheld_minor));
  differ('net', 'net of its entries', text(netMinor), text(fact.net_minor));
  differ('entry-count', 'number of its entries', `${fact.entries}`, `${fact.entry_count}`);
  const key = { shopId, currency, kind, period, payeeId };
  differ('id', 'its id', statementIdOf(sha256Hex(statementIdText(key))), id);
  for (const { part, parts, payout_id: payoutId } of payouts) {
    const expected = payoutIdOf(sha256Hex(payoutIdText({ ...key, part })));
    differ('id', `the id of part ${part}`, expected, payoutId);
    differ('parts', `the number of parts in part ${part}`, `${payouts.length}`, `${parts}`);
  }
  const amounts = payouts.map(({ amount }) => text(BigInt(amount))).join(', ');
  differ('parts', 'its parts', partsText(fact, netMinor) ?? amounts, amounts);
  const sum = payouts.reduce((total, { amount }) => total + BigInt(amount), 0n);
  differ('parts', 'all parts together', text(netMinor), text(sum));
  const shares = payouts.map(({ withheld }) => text(BigInt(withheld))).join(', ');
  differ('withheld', 'the tax of its parts', sharesText(fact), shares);
  return differences;
}

/** What its entries come to, and what of that is withheld by the terms that it was decided by. */
function taxedOf({
  owed_minor: owed,
  taken_minor: taken,
  withholding,
}: StatementFact): TaxedStatement {
  const grossMinor = minor(owed + taken);
  if (withholding === null || grossMinor <= 0n) {
    return { grossMinor, withheldMinor: ZERO, netMinor: grossMinor };
  }
  const { rule, before } = keptWithholding(withholding);
  return withhold(grossMinor, { tiers: rule.tiers, before });
}

function sharesText({ payouts, withheld_minor: withheldMinor, currency }: StatementFact): string {
  const amounts = payouts.map(({ amount }) => minor(BigInt(amount)));
  const shares = amounts.length === 0 ? [] : withheldShares(minor(withheldMinor), amounts);
  return shares.map((share) => formatAmount(share, currency)).join(', ');
}

/** The parts under the terms that it was made under; null where they were not kept yet. */
function partsText(fact: StatementFact, netMinor: bigint): string | null {
  const { min_payout_minor: least, transfer_max_minor: most, currency } = fact;
  // How much of its trades could be split then is not kept: what was asked for stands as it is.
  if (least === null || most === null || fact.pay_via === 'royalty') return null;
  if (netMinor < least || netMinor < wayMinimum.transfer) {
    return 'none: the net is below the minimum';
  }
  const terms = { payVia: fact.pay_via, transferMaxMinor: minor(most), split: null };
  return payStatement(minor(netMinor), terms)
    .map(({ amountMinor }) => formatAmount(amountMinor, currency))
    .join(', ');
}
