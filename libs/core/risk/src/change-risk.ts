import { formatAmount, ONE_PPM, formatRate } from '@qingfen/money';
import { raisedLimits } from './raised-limits.js';
import type { ListedPayee, RiskChange, RiskSettings } from './risk.js';

/** Something about a change that cannot be. */
export interface RiskProblem {
  /** RFC 6901, of the body that asks for it. */
  readonly pointer: string;
  readonly message: string;
  readonly messageZh: string;
}

export type RiskChanged =
  | {
      readonly kind: 'changed';
      readonly after: RiskSettings;
      /** Pointers of the limits that let more through than before: for the audit. */
      readonly raised: readonly string[];
    }
  | { readonly kind: 'refused'; readonly problems: readonly RiskProblem[] };

/** Limits of money are amounts of CNY until R-EVO-2. */
const CURRENCY = 'CNY';

/** What a change makes of a shop's settings, or everything about it that cannot be. */
export function changeRisk(before: RiskSettings, change: RiskChange): RiskChanged {
  const after: RiskSettings = { ...before, ...change };
  const problems = [
    ...payoutProblems(after),
    ...ratioProblems(after),
    ...listProblems('allow', after.allow),
    ...listProblems('block', after.block),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  return { kind: 'changed', after, raised: raisedLimits(before, after) };
}

function payoutProblems({ perPayout: { reviewMinor, blockMinor } }: RiskSettings): RiskProblem[] {
  if (reviewMinor === null || blockMinor === null || reviewMinor <= blockMinor) return [];
  const [review, block] = [formatAmount(reviewMinor, CURRENCY), formatAmount(blockMinor, CURRENCY)];
  return [
    {
      pointer: '/perPayout/block',
      message: `${block} is below ${review}, from which on payouts are reviewed: all of those would be blocked`,
      messageZh: `${block} 低于复核限额 ${review}：需复核的付款将全部被拦截`,
    },
  ];
}

function ratioProblems({ payoutRatioMaxPpm }: RiskSettings): RiskProblem[] {
  if (payoutRatioMaxPpm <= ONE_PPM) return [];
  return [
    {
      pointer: '/payoutRatioMax',
      message: `${formatRate(payoutRatioMaxPpm)} is above 1, more than the whole line`,
      messageZh: `${formatRate(payoutRatioMaxPpm)} 大于 1，超过了全部金额`,
    },
  ];
}

function listProblems(name: 'allow' | 'block', list: readonly ListedPayee[]): RiskProblem[] {
  const seen = new Set<string>();
  return list.flatMap(({ payeeId }, index) => {
    const isSeen = seen.has(payeeId);
    seen.add(payeeId);
    if (!isSeen) return [];
    return [
      {
        pointer: `/${name}/${index}/payeeId`,
        message: `"${payeeId}" stands on this list already`,
        messageZh: `"${payeeId}" 已在此名单中`,
      },
    ];
  });
}
