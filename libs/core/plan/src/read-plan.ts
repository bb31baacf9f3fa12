import {
  formatAmount,
  fraction,
  minor,
  minorDigits,
  rounded,
  ROUNDINGS,
  times,
} from '@qingfen/money';
import type { Cycle } from '@qingfen/calendar';
import { percentText, type Sentence } from './decimal-words.js';
import { exceedsBase, LARGEST_BASE, type WorstCase } from './exceeds-base.js';
import {
  addNotYet,
  isFields,
  readDays,
  readFields,
  readWord,
  under,
  type Place,
} from './fields.js';
import { wayMinimum, type PartTerms, type Plan } from './plan.js';
import { collectProblems, quoted, type PlanProblem } from './problems.js';
import { readCalendar } from './read-calendar.js';
import { readConditions } from './read-conditions.js';
import { readCommission, readPlatformFee, readSupplier, readTeamReward } from './read-parts.js';

/** What an installation allows. */
export interface PlanLimits {
  readonly levelsMax: number;
}

export type PlanReading =
  | {
      readonly kind: 'ok';
      readonly plan: Plan;
      /** What was given with every default written out, as it is published and hashed. */
      readonly document: unknown;
    }
  | { readonly kind: 'refused'; readonly problems: readonly PlanProblem[] };

const KEYS = [
  'currency',
  'rounding',
  'returnWindowDays',
  'platformFee',
  'commission',
  'supplier',
  'teamReward',
  'conditions',
  'calendar',
];

/**
 * Reads a plan document (domain.md 2) or says everything that is wrong with it, each with a JSON
 * pointer. Pure: a document that was accepted once, normalised, reads the same for ever.
 */
export function readPlan(document: unknown, limits: PlanLimits): PlanReading {
  const problems = collectProblems();
  const place: Place = { value: document, pointer: '', problems };
  if (readFields(place, KEYS) === undefined) return { kind: 'refused', problems: problems.found };
  const currency = readCurrency(under(place, 'currency'));
  const fee = readPlatformFee(under(place, 'platformFee'), currency);
  const commission = readCommission(under(place, 'commission'), currency, limits.levelsMax);
  const supplier = readSupplier(under(place, 'supplier'), currency);
  const teamReward = readTeamReward(under(place, 'teamReward'), currency);
  const conditions = readConditions(under(place, 'conditions'), currency);
  const calendar = readCalendar(under(place, 'calendar'));
  const plan: Plan = {
    currency,
    rounding: readWord(under(place, 'rounding'), ROUNDINGS, 'half-up'),
    returnWindowDays: readDays(under(place, 'returnWindowDays'), 7),
    platformFee: fee,
    ...(commission === undefined ? {} : { commission }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(teamReward === undefined ? {} : { teamReward }),
    conditions,
    ...(calendar === undefined ? {} : { calendar }),
  };
  checkParts(place);
  // Only a plan whose rates are all readable can be said to exceed the base.
  if (commission !== undefined && problems.found.length === 0) {
    const worst = exceedsBase(fee, commission);
    if (worst !== undefined) addExceeds(place, worst, currency);
  }
  if (problems.found.length > 0) return { kind: 'refused', problems: problems.found };
  return { kind: 'ok', plan, document: normalised(document, plan) };
}

function addExceeds(place: Place, worst: WorstCase, currency: string): void {
  const { message, messageZh } = exceedsSentence(worst, currency);
  place.problems.add('/commission/levels', 'exceeds-base', message, messageZh);
}

/** A line that anyone can reckon with, or, where only large lines are exceeded, a part of any. */
function exceedsSentence({ baseMinor, total }: WorstCase, currency: string): Sentence {
  if (baseMinor === LARGEST_BASE) {
    const percent = percentText(times(total, fraction(1n, baseMinor)));
    return {
      message: `of a large line, fee and all levels together are ${percent}, more than the buyer paid; lower a rate.`,
      messageZh: `金额较大的商品行，平台服务费与各级佣金合计达 ${percent}，超过买家实付金额；请调低比例。`,
    };
  }
  const base = formatAmount(minor(baseMinor), currency);
  const sum = formatAmount(minor(rounded(total, 'half-up')), currency);
  return {
    message: `of a line of ${base}, fee and all levels together are ${sum}, more than the buyer paid; lower a rate.`,
    messageZh: `商品行金额为 ${base} 时，平台服务费与各级佣金合计 ${sum}，超过买家实付金额；请调低比例。`,
  };
}

function readCurrency(place: Place): string {
  const { value } = place;
  if (value === undefined || value === 'CNY') return 'CNY';
  if (typeof value === 'string' && minorDigits(value) !== undefined) {
    addNotYet(
      place,
      `paying out in ${value}, or any currency but CNY, is`,
      `以 ${value} 等人民币以外的币种付款`,
    );
    return 'CNY';
  }
  place.problems.add(
    place.pointer,
    'bad-currency',
    `${quoted(value)} is not the code of a currency; write "CNY".`,
    `${quoted(value)}不是有效的币种代码；请填写 "CNY"。`,
  );
  return 'CNY';
}

function checkParts(place: Place): void {
  const parts = ['commission', 'supplier', 'teamReward'];
  if (parts.some((part) => under(place, part).value !== undefined)) return;
  place.problems.add(
    place.pointer,
    'no-part',
    'Under this plan nobody is owed anything: it needs commission, supplier or teamReward.',
    '按此规则没有任何人应得款项：请至少设置 commission（分销佣金）、supplier（供应商货款）、teamReward（团队奖励金）之一。',
  );
}

/**
 * The document as given, defaults written out; amounts and rates keep the text that was agreed on.
 */
function normalised(document: unknown, plan: Plan): unknown {
  const given = isFields(document) ? document : {};
  const { commission, supplier, teamReward } = plan;
  return {
    currency: plan.currency,
    rounding: plan.rounding,
    returnWindowDays: plan.returnWindowDays,
    platformFee: { rate: '0', ...fieldsOf(given['platformFee']) },
    ...(commission && {
      commission: {
        ...termsOf(commission, plan.currency),
        basis: commission.basis,
        selfPurchase: commission.selfPurchase,
        ...fieldsOf(given['commission']),
      },
    }),
    ...(supplier && {
      supplier: {
        ...termsOf(supplier, plan.currency),
        delayDays: supplier.delayDays,
        ...fieldsOf(given['supplier']),
      },
    }),
    ...(teamReward && {
      teamReward: {
        ...termsOf(teamReward, plan.currency),
        method: teamReward.method,
        ...fieldsOf(given['teamReward']),
      },
    }),
    conditions: given['conditions'] ?? [],
    ...(given['calendar'] === undefined ? {} : { calendar: given['calendar'] }),
  };
}

function termsOf(
  { cycle, payVia }: PartTerms,
  currency: string,
): { cycle: Cycle; minPayout: string; payVia: string } {
  return { cycle, minPayout: formatAmount(wayMinimum[payVia], currency), payVia };
}

function fieldsOf(value: unknown): object {
  return isFields(value) ? value : {};
}
