import { formatAmount, type Minor } from '@qingfen/money';
import type { BrakeSettings } from './risk.js';

/** What stops a shop's payouts by itself. */
export const brakeRules = ['failures', 'above-forecast', 'balance-low'] as const;

/** What stops a shop's payouts by itself. */
export type BrakeRule = (typeof brakeRules)[number];

/** What is known of a shop before anything of it is sent. Amounts are fen of CNY. */
export interface BrakeFacts {
  readonly settings: BrakeSettings;
  /** Of the last payouts that were sent, as many as `failures.of` names. */
  readonly lately: { readonly sent: number; readonly failed: number };
  /** Asked to be paid on the shop's present day, sent or not. */
  readonly dayMinor: Minor;
  /** What the day was to come to, foreseen before it began; null: nobody looked. */
  readonly foreseenMinor: Minor | null;
  /** What the account holds; null: Alipay does not tell. */
  readonly balanceMinor: Minor | null;
  /** What somebody has let pass for now. */
  readonly passed: ReadonlySet<BrakeRule>;
}

/** Why a shop's payouts stop. */
export interface BrakeVerdict {
  readonly rule: BrakeRule;
  readonly words: string;
  readonly wordsZh: string;
}

// Limits of money are amounts of CNY until R-EVO-2.
const currency = 'CNY';

/**
 * Whether a shop's payouts must stop until a human lets them go on; null: they need not. What is not known
 * (no forecast, no balance) stops nothing: it has alerts of its own.
 */
export function judgeBrake(facts: BrakeFacts): BrakeVerdict | null {
  const verdicts = [judgeFailures(facts), judgeTotal(facts), judgeBalance(facts)];
  return verdicts.find((verdict) => verdict !== null && !facts.passed.has(verdict.rule)) ?? null;
}

/** How many failures among the last `of` are enough. */
export function failuresMax({ percent, of }: NonNullable<BrakeSettings['failures']>): number {
  return Math.max(1, Math.ceil((percent * of) / 100));
}

function judgeFailures({ settings, lately }: BrakeFacts): BrakeVerdict | null {
  if (settings.failures === null || lately.failed < failuresMax(settings.failures)) return null;
  const { failed, sent } = lately;
  return {
    rule: 'failures',
    words: `${failed} of the last ${sent} payouts failed`,
    wordsZh: `最近 ${sent} 笔付款中有 ${failed} 笔失败`,
  };
}

function judgeTotal({ settings, dayMinor, foreseenMinor }: BrakeFacts): BrakeVerdict | null {
  const { total } = settings;
  if (total === null || foreseenMinor === null || dayMinor <= total.fromMinor) return null;
  if (dayMinor * 100n <= foreseenMinor * BigInt(total.percent)) return null;
  const [day, foreseen] = [formatAmount(dayMinor, currency), formatAmount(foreseenMinor, currency)];
  return {
    rule: 'above-forecast',
    words: `${day} CNY are to be paid today, ${foreseen} were foreseen`,
    wordsZh: `今日应付 ${day} 元, 预测为 ${foreseen} 元`,
  };
}

function judgeBalance({ settings, balanceMinor }: BrakeFacts): BrakeVerdict | null {
  const { balanceMinMinor } = settings;
  if (balanceMinMinor === null || balanceMinor === null) return null;
  if (balanceMinor >= balanceMinMinor) return null;
  const [has, least] = [
    formatAmount(balanceMinor, currency),
    formatAmount(balanceMinMinor, currency),
  ];
  return {
    rule: 'balance-low',
    words: `the Alipay account holds ${has} CNY, less than ${least}`,
    wordsZh: `支付宝账户余额 ${has} 元, 低于 ${least} 元`,
  };
}
