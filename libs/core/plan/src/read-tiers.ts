import { ppm, ZERO, type Minor, type Ppm } from '@qingfen/money';
import {
  addRequired,
  readAmount,
  readArray,
  readFields,
  readRate,
  under,
  type Place,
} from './fields.js';
import type { Tier } from './plan.js';
import { quoted } from './problems.js';

const NO_RATE: Ppm = ppm(0n);

/** More steps than anyone reads are a mistake or an attack. */
const TIERS_MAX = 100;

/** Reads tiers that price an amount: the first begins at 0, each above the one before. */
export function readTiers(place: Place, currency: string): readonly Tier[] {
  return readSteps(place, {
    keys: ['from', 'rate', 'fixed'],
    isPriced: (fields) => Object.hasOwn(fields, 'rate') || Object.hasOwn(fields, 'fixed'),
    from: (step): Minor => readAmount(under(step, 'from'), currency, ZERO),
    tier: (step, fromMinor) => ({
      fromMinor,
      ratePpm: readRate(under(step, 'rate'), NO_RATE),
      fixedMinor: readAmount(under(step, 'fixed'), currency, ZERO),
    }),
  });
}

/** What a list of tiers is made of. */
export interface Steps<F extends bigint, T> {
  readonly keys: readonly string[];
  /** Whether a step says what it gives. */
  readonly isPriced: (fields: Readonly<Record<string, unknown>>) => boolean;
  readonly from: (step: Place) => F;
  readonly tier: (step: Place, from: F) => T;
}

/** Reads a list of steps with a `from` each; the empty list, and said so, where it is none. */
export function readSteps<F extends bigint, T>(place: Place, steps: Steps<F, T>): readonly T[] {
  if (place.value === undefined) {
    addRequired(place);
    return [];
  }
  const list = readArray(place);
  if (list === undefined) return [];
  if (list.length === 0 || list.length > TIERS_MAX) {
    place.problems.add(
      place.pointer,
      'bad-tiers',
      `there are ${list.length} tiers; between 1 and ${TIERS_MAX} are possible.`,
      `共有 ${list.length} 档阶梯；数量应为 1 到 ${TIERS_MAX} 档。`,
    );
    return [];
  }
  const known = place.problems.found.length;
  const tiers: T[] = [];
  const froms: F[] = [];
  for (const index of list.keys()) {
    const step = under(place, index);
    const fields = readFields(step, steps.keys);
    if (fields === undefined) continue;
    if (!Object.hasOwn(fields, 'from')) addRequired(under(step, 'from'));
    if (!steps.isPriced(fields)) addUnpriced(step, steps.keys);
    const from = steps.from(step);
    froms.push(from);
    tiers.push(steps.tier(step, from));
  }
  // An unreadable `from` has been told; comparing its stand-in would only add a second, wrong
  // sentence.
  if (place.problems.found.length === known) checkAscent(place, froms);
  return tiers;
}

function addUnpriced(step: Place, keys: readonly string[]): void {
  const mayBeFixed = keys.includes('fixed');
  step.problems.add(
    `${step.pointer}/rate`,
    'required',
    `a tier needs ${mayBeFixed ? 'a rate or a fixed amount' : 'a rate'}; it gives nothing yet.`,
    `每一档阶梯需要设置比例（rate）${mayBeFixed ? '或固定金额（fixed）' : ''}。`,
  );
}

function checkAscent(place: Place, froms: readonly bigint[]): void {
  const text = (index: number): string => quoted(under(under(place, index), 'from').value);
  for (const [index, from] of froms.entries()) {
    const before = froms[index - 1];
    const pointer = `${place.pointer}/${index}/from`;
    if (before === undefined && from !== 0n) {
      place.problems.add(
        pointer,
        'bad-tiers',
        `the first tier must begin at 0, not at ${text(index)}: smaller amounts would have none.`,
        `第一档阶梯必须从 0 开始，而不是${text(index)}：否则更小的金额没有对应的阶梯。`,
      );
    }
    if (before !== undefined && from <= before) {
      place.problems.add(
        pointer,
        'bad-tiers',
        `${text(index)} is not above ${text(index - 1)}, where the tier before it begins.`,
        `${text(index)}没有大于上一档阶梯的起点${text(index - 1)}。`,
      );
    }
  }
}
