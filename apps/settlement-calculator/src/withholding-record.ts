import { parseInstant } from '@qingfen/calendar';
import { readWithholding, taxCurrency, type PartKind, type Tier } from '@qingfen/core-plan';
import { formatAmount, formatRate, invariant, parseAmount } from '@qingfen/money';
import type { PayeeWithholding } from './withholding.store.js';

/** What is kept, and hashed, beside a statement of how its tax was decided. */
interface Kept {
  readonly period: 'month' | 'year';
  readonly from: string;
  readonly to: string;
  readonly kinds: readonly PartKind[];
  readonly tiers: readonly { readonly from: string; readonly rate: string }[];
  readonly before: string;
  readonly withheldBefore: string;
}

/** As it is kept: whoever has it, and what the statement's lines come to, can work the tax out again. */
export function withholdingText({ rule, from, to, before }: PayeeWithholding): string {
  const kept: Kept = {
    period: rule.period,
    from: from.toISOString(),
    to: to.toISOString(),
    kinds: rule.kinds,
    tiers: rule.tiers.map(tierText),
    before: formatAmount(before.grossMinor, taxCurrency),
    withheldBefore: formatAmount(before.withheldMinor, taxCurrency),
  };
  return JSON.stringify(kept);
}

export function tierText({ fromMinor, ratePpm }: Pick<Tier, 'fromMinor' | 'ratePpm'>): {
  readonly from: string;
  readonly rate: string;
} {
  return { from: formatAmount(fromMinor, taxCurrency), rate: formatRate(ratePpm) };
}

/** What {@link withholdingText} has kept. @throws InvariantError for what it has never written */
export function keptWithholding(text: string): PayeeWithholding {
  const kept = JSON.parse(text) as Kept;
  const reading = readWithholding(kept);
  invariant(reading.kind === 'ok', 'the terms of a tax are kept as they were read');
  return {
    rule: reading.withholding,
    from: parseInstant(kept.from),
    to: parseInstant(kept.to),
    before: {
      grossMinor: parseAmount(kept.before, taxCurrency),
      withheldMinor: parseAmount(kept.withheldBefore, taxCurrency),
    },
  };
}
