import { formatAmount, ppm, ZERO, type Ppm } from '@qingfen/money';
import type { Cycle } from '@qingfen/calendar';
import {
  addRequired,
  readAmount,
  readArray,
  readDays,
  readFields,
  readRate,
  readWord,
  under,
  type Place,
} from './fields.js';
import {
  wayMinimum,
  type CommissionPart,
  type PartTerms,
  type PayVia,
  type PlatformFee,
  type Share,
  type SupplierPart,
  type TeamRewardPart,
} from './plan.js';
import { quoted } from './problems.js';
import { readCycle } from './read-cycle.js';
import { readPayeeCycles } from './read-payee-cycles.js';
import { checkBounds, readShare } from './read-share.js';
import { readTiers } from './read-tiers.js';

const NO_RATE: Ppm = ppm(0n);
const TERMS_KEYS = ['cycle', 'payeeCycles', 'onHoliday', 'minPayout', 'payVia'] as const;

const DAILY: Cycle = { every: 'day', at: '02:00' };
const WEEKLY: Cycle = { every: 'week', on: 'monday', at: '02:00' };
const MONTHLY: Cycle = { every: 'month', on: 'last-day', at: '23:30' };

export function readPlatformFee(place: Place, currency: string): PlatformFee {
  const absent: PlatformFee = { ratePpm: NO_RATE, minMinor: ZERO, maxMinor: null };
  if (place.value === undefined) return absent;
  if (readFields(place, ['rate', 'min', 'max']) === undefined) return absent;
  const fee: PlatformFee = {
    ratePpm: readRate(under(place, 'rate'), NO_RATE),
    minMinor: readAmount(under(place, 'min'), currency, ZERO),
    maxMinor: readAmount(under(place, 'max'), currency, null),
  };
  checkBounds(place, fee);
  return fee;
}

export function readCommission(
  place: Place,
  currency: string,
  levelsMax: number,
): CommissionPart | undefined {
  if (place.value === undefined) return undefined;
  const keys = ['basis', 'levels', 'selfPurchase', ...TERMS_KEYS];
  if (readFields(place, keys) === undefined) return undefined;
  return {
    basis: readWord(under(place, 'basis'), ['cascade', 'flat', 'gross'], 'cascade'),
    levels: readLevels(under(place, 'levels'), currency, levelsMax),
    selfPurchase: readWord(under(place, 'selfPurchase'), ['allow', 'skip'], 'allow'),
    ...readTerms(place, currency, DAILY),
  };
}

function readLevels(place: Place, currency: string, levelsMax: number): readonly Share[] {
  if (place.value === undefined) {
    addRequired(place);
    return [];
  }
  const levels = readArray(place);
  if (levels === undefined) return [];
  if (levels.length === 0) {
    place.problems.add(
      place.pointer,
      'bad-value',
      'a commission needs at least one level.',
      '分销佣金至少需要设置一级。',
    );
  }
  if (levels.length > levelsMax) {
    place.problems.add(
      place.pointer,
      'too-many-levels',
      `there are ${levels.length} levels; this installation allows at most ${levelsMax}.`,
      `共有 ${levels.length} 级分销；本系统最多允许 ${levelsMax} 级。`,
    );
    return [];
  }
  return levels.map((_, index) => readShare(under(place, index), currency));
}

export function readSupplier(place: Place, currency: string): SupplierPart | undefined {
  if (place.value === undefined) return undefined;
  if (readFields(place, ['delayDays', ...TERMS_KEYS]) === undefined) return undefined;
  return {
    delayDays: readDays(under(place, 'delayDays'), 7),
    ...readTerms(place, currency, WEEKLY),
  };
}

export function readTeamReward(place: Place, currency: string): TeamRewardPart | undefined {
  if (place.value === undefined) return undefined;
  // A team is paid through its leader, whoever that is: no cycle can be a payee's own here.
  const keys = ['method', 'tiers', ...TERMS_KEYS.filter((key) => key !== 'payeeCycles')];
  if (readFields(place, keys) === undefined) return undefined;
  return {
    method: readWord(under(place, 'method'), ['whole', 'marginal'], 'whole'),
    tiers: readTiers(under(place, 'tiers'), currency),
    ...readTerms(place, currency, MONTHLY),
  };
}

function readTerms(place: Place, currency: string, cycle: Cycle): PartTerms {
  const payVia = readWord(under(place, 'payVia'), ['transfer', 'batch', 'royalty'], 'transfer');
  const minPayout = under(place, 'minPayout');
  const leastMinor = wayMinimum[payVia];
  const minPayoutMinor = readAmount(minPayout, currency, leastMinor);
  if (minPayoutMinor < leastMinor) {
    const least = formatAmount(leastMinor, currency);
    const { en, zh } = LEAST_WORDS[payVia];
    place.problems.add(
      minPayout.pointer,
      'min-payout-too-low',
      `${quoted(minPayout.value)} is below ${least}, the least that Alipay ${en}.`,
      `${quoted(minPayout.value)}低于支付宝${zh}的最低金额 ${least} 元。`,
    );
  }
  return {
    cycle: readCycle(under(place, 'cycle'), cycle),
    payeeCycles: readPayeeCycles(under(place, 'payeeCycles'), cycle),
    onHoliday: readWord(under(place, 'onHoliday'), ['run', 'next-business-day'], 'run'),
    minPayoutMinor,
    payVia,
  };
}

const LEAST_WORDS: Readonly<Record<PayVia, { readonly en: string; readonly zh: string }>> = {
  transfer: { en: 'transfers', zh: '单笔转账' },
  batch: { en: 'pays in a batch', zh: '批量付款每笔' },
  royalty: { en: 'splits', zh: '分账每笔' },
};
