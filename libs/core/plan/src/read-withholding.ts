import type { PartKind, Tier } from './plan.js';
import { collectProblems, type PlanProblem } from './problems.js';
import { readAmount, readRate, under } from './fields.js';
import { readSteps } from './read-tiers.js';
import { ppm, ZERO, type Minor } from '@qingfen/money';

/** Over which time a payee's statements are taxed together. */
export type WithholdingPeriod = 'month' | 'year';

/** A shop's withholding of tax (代扣代缴) as its settings have it; what is absent is at its default. */
export interface WithholdingSettings {
  readonly period: WithholdingPeriod;
  readonly kinds: readonly PartKind[];
  readonly accountTypes?: readonly string[] | undefined;
  readonly tiers: readonly { readonly from: string; readonly rate: string }[];
}

/** A shop's withholding of tax as it is decided by: every default filled in. */
export interface Withholding {
  readonly period: WithholdingPeriod;
  /** What is taxed, all kinds together. */
  readonly kinds: readonly PartKind[];
  /** Payees of these account types, in lower case. */
  readonly accountTypes: readonly string[];
  /** Marginal: each rate is that of the part of the sum between its `from` and the next. */
  readonly tiers: readonly Tier[];
}

export type WithholdingReading =
  | { readonly kind: 'ok'; readonly withholding: Withholding }
  | { readonly kind: 'refused'; readonly problems: readonly PlanProblem[] };

/** An enterprise invoices what it is paid and pays its own tax. */
const accountTypesUsual: readonly string[] = ['personal'];

/** Tax is owed in yuan, and only yuan have a way to be paid. */
export const taxCurrency = 'CNY';

/**
 * Reads settings whose shape the contract has judged: their tiers are those of a plan, without `fixed`.
 * Pointers are relative to the settings.
 */
export function readWithholding(settings: WithholdingSettings): WithholdingReading {
  const problems = collectProblems();
  const list = under({ value: settings, pointer: '', problems }, 'tiers');
  const tiers = readSteps<Minor, Tier>(list, {
    keys: ['from', 'rate'],
    isPriced: (fields) => Object.hasOwn(fields, 'rate'),
    from: (step) => readAmount(under(step, 'from'), taxCurrency, ZERO),
    tier: (step, fromMinor) => ({
      fromMinor,
      ratePpm: readRate(under(step, 'rate'), ppm(0n)),
      fixedMinor: ZERO,
    }),
  });
  if (problems.found.length > 0) return { kind: 'refused', problems: problems.found };
  const { period, kinds, accountTypes = accountTypesUsual } = settings;
  const types = accountTypes.map((type) => type.toLowerCase());
  return { kind: 'ok', withholding: { period, kinds, accountTypes: types, tiers } };
}
