import {
  fraction,
  invariant,
  isLess,
  minus,
  ONE_PPM,
  plus,
  times,
  type Fraction,
} from '@qingfen/money';
import { withoutFixedAndMin, greatestRate } from './exceeds-base.js';
import type { CommissionPart, PlatformFee, Share } from './plan.js';

/** A straight piece of a function of the line's base: `slope × base + offset`, in minor units. */
interface Straight {
  readonly slope: Fraction;
  readonly offset: Fraction;
}

/** From here on, until the next stretch, no part of a line bends. */
interface Stretch {
  readonly from: Fraction;
  /** null: for ever. */
  readonly to: Fraction | null;
  readonly firstRest: Straight;
  readonly rest: Straight;
}

const NOTHING: Straight = { slope: fraction(0n), offset: fraction(0n) };
const BASE: Straight = { slope: fraction(1n), offset: fraction(0n) };

/**
 * The bases at which fee or commissions of a line bend or jump: where tiers begin, where a bound begins to
 * hold, where a cascade has nothing left. `fixed` and `min` are left out, of a dynamic rate the greatest
 * counts. Exact; between two of them every part of the line is a straight function of its base, so that
 * the greatest ratio to the base is at one of their ends.
 */
export function bendsOf(fee: PlatformFee, commission: CommissionPart): readonly Fraction[] {
  let stretches = firstStretches(fee, commission);
  for (const share of commission.levels) {
    stretches = stretches.flatMap((stretch) => behindLevel(stretch, share, commission.basis));
  }
  return stretches.map(({ from }) => from);
}

function firstStretches(fee: PlatformFee, commission: CommissionPart): readonly Stretch[] {
  const feeRate = fraction(fee.ratePpm, ONE_PPM);
  const feeBend =
    fee.maxMinor === null || fee.ratePpm === 0n
      ? null
      : fraction(fee.maxMinor * ONE_PPM, fee.ratePpm);
  const froms = [
    fraction(0n),
    ...(feeBend === null ? [] : [feeBend]),
    ...commission.levels.flatMap(({ tiers }) => tiers.map(({ fromMinor }) => fraction(fromMinor))),
  ].sort(byValue);
  return froms.flatMap((from, index): Stretch[] => {
    const to = froms[index + 1] ?? null;
    if (to !== null && !isLess(from, to)) return [];
    const isHeld = feeBend !== null && !isLess(from, feeBend);
    const taken = isHeld
      ? { slope: fraction(0n), offset: fraction(fee.maxMinor ?? 0n) }
      : { slope: feeRate, offset: fraction(0n) };
    const rest = less(BASE, taken);
    return [{ from, to, firstRest: rest, rest }];
  });
}

/** What a level leaves of a stretch, split where its bound begins to hold and where nothing is left. */
function behindLevel(
  stretch: Stretch,
  given: Share,
  basis: CommissionPart['basis'],
): readonly Stretch[] {
  const share = withoutFixedAndMin(given);
  const levelBase = { cascade: stretch.rest, flat: stretch.firstRest, gross: BASE }[basis];
  const rate = fraction(greatestRate(share.rate), ONE_PPM);
  const tiered = tieredOn(share, stretch.from);
  const wanted: Straight = {
    slope: plus(times(rate, levelBase.slope), tiered.slope),
    offset: plus(times(rate, levelBase.offset), tiered.offset),
  };
  const max: Straight | null =
    share.maxMinor === null ? null : { slope: fraction(0n), offset: fraction(share.maxMinor) };
  const parts = max === null ? [stretch] : splitAt(stretch, less(wanted, max));
  return parts.flatMap((part) => {
    const isHeld = max !== null && isAbove(part, less(wanted, max));
    if (basis !== 'cascade') return [part];
    const rest = less(part.rest, isHeld ? max : wanted);
    return splitAt({ ...part, rest }, rest).map((one) =>
      isAbove(one, rest) ? one : { ...one, rest: NOTHING },
    );
  });
}

/** What the tiers of a share give on a stretch, which lies between two of their beginnings. */
function tieredOn({ tiers, method }: Share, from: Fraction): Straight {
  let given = NOTHING;
  let before = 0n; // what the slices of the tiers before come to, in millionths
  for (const [index, { fromMinor, ratePpm }] of tiers.entries()) {
    if (isLess(from, fraction(fromMinor))) break;
    const slope = fraction(ratePpm, ONE_PPM);
    const offset =
      method === 'whole' ? fraction(0n) : fraction(before - fromMinor * ratePpm, ONE_PPM);
    given = { slope, offset };
    const next = tiers[index + 1];
    if (next !== undefined) before += (next.fromMinor - fromMinor) * ratePpm;
  }
  return given;
}

/** Splits a stretch where a function of it crosses zero, if it does so inside. */
function splitAt(stretch: Stretch, { slope, offset }: Straight): readonly Stretch[] {
  if (slope.numerator === 0n) return [stretch];
  const sign = slope.numerator < 0n ? -1n : 1n;
  const at = fraction(
    -offset.numerator * slope.denominator * sign,
    offset.denominator * slope.numerator * sign,
  );
  const isInside = isLess(stretch.from, at) && (stretch.to === null || isLess(at, stretch.to));
  if (!isInside) return [stretch];
  return [
    { ...stretch, to: at },
    { ...stretch, from: at },
  ];
}

/** Whether a function that does not cross zero inside a stretch is above it there. */
function isAbove({ from, to }: Stretch, { slope, offset }: Straight): boolean {
  const inside = to === null ? plus(from, fraction(1n)) : times(plus(from, to), fraction(1n, 2n));
  invariant(to === null || isLess(from, to), 'a stretch has an inside');
  return plus(times(slope, inside), offset).numerator > 0n;
}

function less(one: Straight, other: Straight): Straight {
  return {
    slope: minus(one.slope, other.slope),
    offset: minus(one.offset, other.offset),
  };
}

function byValue(one: Fraction, other: Fraction): number {
  if (isLess(one, other)) return -1;
  return isLess(other, one) ? 1 : 0;
}
