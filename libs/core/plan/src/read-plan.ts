import { formatAmount, minor, minorDigits, rounded, ROUNDINGS } from '@qingfen/money';
import type { Cycle } from '@qingfen/calendar';
import { exceedsBase, type WorstCase } from './exceeds-base.js';
import {
  addNotYet,
  isFields,
  readDays,
  readFields,
  readWord,
  under,
  type Place,
} from './fields.js';
import type { PartTerms, Plan } from './plan.js';
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
  const base = formatAmount(minor(worst.baseMinor), currency);
  const total = formatAmount(minor(rounded(worst.total, 'half-up')), currency);
  place.problems.add(
    '/commission/levels',
    'exceeds-base',
    `Of a line of ${base}, fee and commissions of all levels together are ${total}, more than the buyer paid; lower a rate.`,
    `商品行金额为 ${base} 时，平台服务费与各级佣金合计 ${total}，超过买家实付金额；请调低比例。`,
  );
}

function readCurrency(place: Place): string {
  const { value } = place;
  if (value === undefined || value === 'CNY') return 'CNY';
  if (typeof value === 'string' && minorDigits(value) !== undefined) {
    addNotYet(
      place,
      `A plan in ${value}: payouts in another currency than CNY are`,
      `${value} 结算`,
    );
    return 'CNY';
  }
  place.problems.add(
    place.pointer,
    'bad-currency',
    `${quoted(value)} is not a currency code; write "CNY".`,
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
    'A plan needs at least one of commission, supplier and teamReward: nobody is owed anything.',
    '规则至少需要包含 commission（分销佣金）、supplier（供应商货款）、teamReward（团队奖励金）之一：目前没有任何人应得款项。',
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
        ...termsOf(commission),
        basis: commission.basis,
        selfPurchase: commission.selfPurchase,
        ...fieldsOf(given['commission']),
      },
    }),
    ...(supplier && {
      supplier: {
        ...termsOf(supplier),
        delayDays: supplier.delayDays,
        ...fieldsOf(given['supplier']),
      },
    }),
    ...(teamReward && {
      teamReward: {
        ...termsOf(teamReward),
        method: teamReward.method,
        ...fieldsOf(given['teamReward']),
      },
    }),
    conditions: given['conditions'] ?? [],
    ...(given['calendar'] === undefined ? {} : { calendar: given['calendar'] }),
  };
}

function termsOf({ cycle, payVia }: PartTerms): {
  cycle: Cycle;
  minPayout: string;
  payVia: string;
} {
  return { cycle, minPayout: '0.10', payVia };
}

function fieldsOf(value: unknown): object {
  return isFields(value) ? value : {};
}
