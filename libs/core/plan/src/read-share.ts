import { parseRate, ppm, RateError, ZERO, type Minor, type Ppm } from '@qingfen/money';
import {
  addRequired,
  isFields,
  readAmount,
  readFields,
  readRate,
  readWord,
  under,
  type Place,
} from './fields.js';
import type { Rate, RateFact, RateTier, Share } from './plan.js';
import { quoted } from './problems.js';
import { readSteps, readTiers } from './read-tiers.js';

const NO_RATE: Ppm = ppm(0n);
const NOTHING: Rate = { kind: 'plain', ratePpm: NO_RATE };
const FACTS = ['payee-level', 'payee-month-volume', 'payee-refund-rate'] as const;
const GIVES = ['fixed', 'rate', 'tiers'] as const;

/** Reads what one level gets: at least one of a fixed amount, a rate and tiers. */
export function readShare(place: Place, currency: string): Share {
  const fields = readFields(place, [...GIVES, 'method', 'min', 'max']);
  const tiers = under(place, 'tiers');
  const method = under(place, 'method');
  const share: Share = {
    fixedMinor: readAmount(under(place, 'fixed'), currency, ZERO),
    rate: readShareRate(under(place, 'rate'), currency),
    tiers: tiers.value === undefined ? [] : readTiers(tiers, currency),
    method: readWord(method, ['whole', 'marginal'], 'whole'),
    minMinor: readAmount(under(place, 'min'), currency, ZERO),
    maxMinor: readAmount<Minor | null>(under(place, 'max'), currency, null),
  };
  if (fields === undefined) return share;
  if (!GIVES.some((key) => Object.hasOwn(fields, key))) {
    place.problems.add(
      `${place.pointer}/rate`,
      'required',
      'a level needs a rate, a fixed amount or tiers; it has none of them.',
      '每一级至少需要设置比例（rate）、固定金额（fixed）或阶梯（tiers）之一。',
    );
  }
  if (method.value !== undefined && tiers.value === undefined) {
    method.problems.add(
      method.pointer,
      'bad-value',
      'a method says how tiers are reckoned, and this level has no tiers; leave it out.',
      '此项说明阶梯的计算方式，但本级没有设置阶梯；请删除。',
    );
  }
  checkBounds(place, share);
  return share;
}

/** Says so when the least amount is above the greatest. */
export function checkBounds(
  place: Place,
  { minMinor, maxMinor }: { readonly minMinor: Minor; readonly maxMinor: Minor | null },
): void {
  if (maxMinor === null || minMinor <= maxMinor) return;
  const [min, max] = [under(place, 'min').value, under(place, 'max').value];
  place.problems.add(
    `${place.pointer}/min`,
    'min-above-max',
    `${quoted(min)} is above the greatest amount ${quoted(max)}; no amount could lie between them.`,
    `${quoted(min)}大于上限${quoted(max)}；没有金额能同时满足两者。`,
  );
}

function readShareRate(place: Place, currency: string): Rate {
  if (place.value === undefined) return NOTHING;
  if (!isFields(place.value)) return { kind: 'plain', ratePpm: readRate(place, NO_RATE) };
  if (readFields(place, ['by', 'tiers']) === undefined) return NOTHING;
  const by = under(place, 'by');
  if (by.value === undefined) addRequired(by);
  const fact = readWord<RateFact>(by, FACTS, 'payee-level');
  const tiers = readSteps<bigint, RateTier>(under(place, 'tiers'), {
    keys: ['from', 'rate'],
    isPriced: (fields) => Object.hasOwn(fields, 'rate'),
    from: (step) => readThreshold(under(step, 'from'), fact, currency),
    tier: (step, from) => ({ from, ratePpm: readRate(under(step, 'rate'), NO_RATE) }),
  });
  return { kind: 'dynamic', by: fact, tiers };
}

/** From which value of a fact on a rate holds, in the fact's own unit. */
function readThreshold(place: Place, fact: RateFact, currency: string): bigint {
  switch (fact) {
    case 'payee-month-volume':
      return readAmount(place, currency, ZERO);
    case 'payee-refund-rate':
      return readRate(place, NO_RATE);
    case 'payee-level':
      return readLevel(place);
    default: {
      const never: never = fact;
      return never;
    }
  }
}

/** A level as a decimal, in millionths. */
function readLevel(place: Place): bigint {
  if (place.value === undefined) return 0n;
  try {
    if (typeof place.value === 'string') return parseRate(place.value);
  } catch (error) {
    if (!(error instanceof RateError)) throw error;
  }
  place.problems.add(
    place.pointer,
    'bad-decimal',
    `${quoted(place.value)} is not a payee's level; write a number as text in quotes, like "3".`,
    `${quoted(place.value)}不是有效的收款方等级；请填写带引号的数字，例如 "3"。`,
  );
  return 0n;
}
