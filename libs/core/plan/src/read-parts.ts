import { formatAmount, minor, ppm, ZERO, type Minor, type Ppm } from '@qingfen/money';
import type { Cycle } from '@qingfen/calendar';
import {
  addNotYet,
  addRequired,
  isFields,
  readAmount,
  readArray,
  readDays,
  readFields,
  readRate,
  readWord,
  under,
  type Place,
} from './fields.js';
import type {
  CommissionPart,
  PartTerms,
  PlatformFee,
  Share,
  SupplierPart,
  TeamRewardPart,
  Tier,
} from './plan.js';
import { readCycle } from './read-cycle.js';

const NO_RATE: Ppm = ppm(0n);
const TERMS_KEYS = ['cycle', 'minPayout', 'payVia'] as const;

/**
 * The least that Alipay transfers. Source: alipay.fund.trans.uni.transfer, trans_amount ≥ 0.10
 * yuan.
 */
const TRANSFER_MINIMUM: Minor = minor(10n);

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
  if (fee.maxMinor !== null && fee.minMinor > fee.maxMinor) {
    place.problems.add(
      `${place.pointer}/min`,
      'min-above-max',
      'The least fee is above the greatest fee.',
      '服务费下限大于上限。',
    );
  }
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
    levels: readLevels(under(place, 'levels'), levelsMax),
    selfPurchase: readWord(under(place, 'selfPurchase'), ['allow', 'skip'], 'allow'),
    ...readTerms(place, currency, DAILY),
  };
}

function readLevels(place: Place, levelsMax: number): readonly Share[] {
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
      'A commission needs the share of at least one level.',
      '分销佣金至少需要设置一级的分成。',
    );
  }
  if (levels.length > levelsMax) {
    place.problems.add(
      place.pointer,
      'too-many-levels',
      `The plan has ${levels.length} levels; this installation allows at most ${levelsMax}.`,
      `该规则设置了 ${levels.length} 级分销；本系统最多允许 ${levelsMax} 级。`,
    );
    return [];
  }
  return levels.map((_, index) => readShare(under(place, index)));
}

function readShare(place: Place): Share {
  const share: Share = { kind: 'rate', ratePpm: NO_RATE };
  const fields = readFields(place, ['rate', 'fixed', 'tiers', 'method', 'min', 'max']);
  if (fields === undefined) return share;
  const later: readonly (readonly [key: string, what: string, whatZh: string])[] = [
    ['fixed', 'A fixed amount for a level is', '分销层级的固定金额'],
    ['tiers', 'Tiers for a level are', '分销层级的阶梯分润'],
    [
      'method',
      'Tiers for a level, and so a method for them, are',
      '分销层级的阶梯分润及其计算方式',
    ],
    ['min', 'A least amount for a level is', '分销层级的最低金额'],
    ['max', 'A greatest amount for a level is', '分销层级的最高金额'],
  ];
  const refused = later.filter(([key]) => Object.hasOwn(fields, key));
  for (const [key, what, whatZh] of refused) addNotYet(under(place, key), what, whatZh);
  const rate = under(place, 'rate');
  if (isFields(rate.value)) {
    addNotYet(rate, 'A rate that follows facts about the payee is', '随收款方数据变化的动态比例');
    return share;
  }
  if (rate.value === undefined && refused.length === 0) addRequired(rate);
  return { kind: 'rate', ratePpm: readRate(rate, NO_RATE) };
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
  if (readFields(place, ['method', 'tiers', ...TERMS_KEYS]) === undefined) return undefined;
  return {
    method: readWord(under(place, 'method'), ['whole', 'marginal'], 'whole'),
    tiers: readTiers(under(place, 'tiers'), currency),
    ...readTerms(place, currency, MONTHLY),
  };
}

/** More steps than anyone reads are a mistake or an attack. */
const TIERS_MAX = 100;

function readTiers(place: Place, currency: string): readonly Tier[] {
  if (place.value === undefined) {
    addRequired(place);
    return [];
  }
  const steps = readArray(place);
  if (steps === undefined) return [];
  if (steps.length === 0 || steps.length > TIERS_MAX) {
    place.problems.add(
      place.pointer,
      'bad-tiers',
      `Between 1 and ${TIERS_MAX} tiers are needed.`,
      `阶梯数量应为 1 到 ${TIERS_MAX} 级。`,
    );
    return [];
  }
  const known = place.problems.found.length;
  const tiers = steps.map((_, index) => readTier(under(place, index), currency));
  // An unreadable `from` has been told; comparing its stand-in would only add a second, wrong
  // sentence.
  if (place.problems.found.length === known) checkAscent(place, tiers);
  return tiers;
}

function readTier(place: Place, currency: string): Tier {
  const tier: Tier = { fromMinor: ZERO, ratePpm: NO_RATE, fixedMinor: ZERO };
  const fields = readFields(place, ['from', 'rate', 'fixed']);
  if (fields === undefined) return tier;
  for (const key of ['from', 'rate']) {
    const replaced = key === 'rate' && Object.hasOwn(fields, 'fixed');
    if (!Object.hasOwn(fields, key) && !replaced) addRequired(under(place, key));
  }
  return {
    fromMinor: readAmount(under(place, 'from'), currency, ZERO),
    ratePpm: readRate(under(place, 'rate'), NO_RATE),
    fixedMinor: readAmount(under(place, 'fixed'), currency, ZERO),
  };
}

function checkAscent(place: Place, tiers: readonly Tier[]): void {
  let before: Minor | undefined;
  for (const [index, { fromMinor }] of tiers.entries()) {
    if (before === undefined && fromMinor !== 0n) {
      place.problems.add(
        `${place.pointer}/0/from`,
        'bad-tiers',
        'The first tier must begin at 0.',
        '第一级阶梯必须从 0 开始。',
      );
    }
    if (before !== undefined && fromMinor <= before) {
      place.problems.add(
        `${place.pointer}/${index}/from`,
        'bad-tiers',
        'Each tier must begin above the one before it.',
        '每一级阶梯的起点必须大于上一级。',
      );
    }
    before = fromMinor;
  }
}

function readTerms(place: Place, currency: string, cycle: Cycle): PartTerms {
  const payVia = under(place, 'payVia');
  if (payVia.value === 'batch') {
    addNotYet(payVia, 'Paying by "batch" is', '批量付款（batch）');
  } else if (payVia.value === 'royalty') {
    addNotYet(payVia, 'Paying by "royalty" (Alipay splits the trade) is', '分账（royalty）');
  } else {
    readWord(payVia, ['transfer', 'batch', 'royalty'], 'transfer');
  }
  const minPayout = under(place, 'minPayout');
  const minPayoutMinor = readAmount(minPayout, currency, TRANSFER_MINIMUM);
  if (minPayoutMinor < TRANSFER_MINIMUM) {
    const least = formatAmount(TRANSFER_MINIMUM, currency);
    place.problems.add(
      minPayout.pointer,
      'min-payout-too-low',
      `Alipay transfers no less than ${least}, so the least payout must not be below it.`,
      `支付宝单笔转账最低 ${least} 元，最低付款金额不能低于此数。`,
    );
  }
  return { cycle: readCycle(under(place, 'cycle'), cycle), minPayoutMinor, payVia: 'transfer' };
}
