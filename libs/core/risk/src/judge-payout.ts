import { formatAmount, type Minor } from '@qingfen/money';
import type { ListedPayee, RiskSettings } from './risk.js';

/** What a human may let pass once, for one payout (domain.md 7). */
export type RiskDoubt = 'per-payout' | 'frequency' | 'same-account';

/** What is known of a payout, and of what was sent before it, when it is judged. */
export interface RiskFacts {
  readonly settings: RiskSettings;
  readonly payeeId: string;
  readonly amountMinor: Minor;
  readonly now: Date;
  /** When the shop's present day ends. */
  readonly dayEndsAt: Date;
  /** Sent to the payee, and by the shop, on the shop's present day, in fen; what is unknown counts. */
  readonly payeeSentMinor: Minor;
  readonly shopSentMinor: Minor;
  /** Payouts sent to the payee in the stretch of time that `frequency` names. */
  readonly sentLately: number;
  /** When another account took the place of a known one; null: never, or the request is made already. */
  readonly accountReplacedAt: Date | null;
  /** Other payees of the shop with the same account. */
  readonly sharesAccountWith: readonly string[];
  /** What approvers have let pass. */
  readonly approved: readonly string[];
}

/** Whether the shop's limits and lists let a payout go, and if not, what becomes of it. */
export type RiskVerdict =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'wait';
      readonly reason: 'limit' | 'cooling-off';
      readonly until: Date;
      readonly words: string;
    }
  | { readonly kind: 'review'; readonly doubt: RiskDoubt; readonly words: string }
  | {
      readonly kind: 'block';
      readonly rule: 'block-list' | RiskDoubt;
      readonly words: string;
      /** When the reason ends by itself; null: not before somebody changes something. */
      readonly until: Date | null;
    };

/** What every payout is, where no limit speaks. */
export const passes: RiskVerdict = { kind: 'pass' };

// Limits of money are amounts of CNY until R-EVO-2.
const currency = 'CNY';
const hourMs = 3_600_000;

/**
 * Judges a payout by the shop's limits and lists, in the order of domain.md 7: lists, the limit per payout,
 * the daily limits, frequency, cooling-off, same account. The first that does not pass decides.
 */
export function judgePayout(facts: RiskFacts): RiskVerdict {
  for (const judge of inOrder) {
    const verdict = judge(facts);
    if (verdict !== null) return verdict;
  }
  return passes;
}

type Judge = (facts: RiskFacts) => RiskVerdict | null;

function judgeLists({ settings, payeeId, now }: RiskFacts): RiskVerdict | null {
  const entry = listed(settings.block, payeeId, now);
  if (entry === null) return null;
  const words = `the payee is on the block list: ${entry.reason}`;
  return { kind: 'block', rule: 'block-list', words, until: entry.until };
}

function judgeSingle(facts: RiskFacts): RiskVerdict | null {
  const { reviewMinor, blockMinor } = facts.settings.perPayout;
  const text = formatAmount(facts.amountMinor, currency);
  if (blockMinor !== null && facts.amountMinor > blockMinor) {
    const words = `${text} is more than one payout may ever be (${formatAmount(blockMinor, currency)})`;
    return { kind: 'block', rule: 'per-payout', words, until: null };
  }
  if (reviewMinor === null || facts.amountMinor <= reviewMinor) return null;
  const limit = formatAmount(reviewMinor, currency);
  return doubt(facts, 'per-payout', `${text} is more than ${limit}, the limit of one payout`);
}

function judgeDaily(facts: RiskFacts): RiskVerdict | null {
  const { settings, amountMinor, dayEndsAt: until } = facts;
  const of = (whose: string, limitMinor: Minor | null, sentMinor: Minor): RiskVerdict | null => {
    if (limitMinor === null || sentMinor + amountMinor <= limitMinor) return null;
    const [sent, limit] = [formatAmount(sentMinor, currency), formatAmount(limitMinor, currency)];
    const words = `the ${whose}'s daily limit: ${sent} of ${limit} were sent today`;
    return { kind: 'wait', reason: 'limit', until, words };
  };
  return (
    of('payee', settings.payeeDailyMinor, facts.payeeSentMinor) ??
    of('shop', settings.shopDailyMinor, facts.shopSentMinor)
  );
}

function judgeFrequency(facts: RiskFacts): RiskVerdict | null {
  const { settings, sentLately } = facts;
  if (settings.frequency === null || sentLately < settings.frequency.count || isAllowed(facts)) {
    return null;
  }
  const { count, hours } = settings.frequency;
  const words = `${sentLately} payouts went to the payee within ${hours} h; ${count} are usual at most`;
  return doubt(facts, 'frequency', words);
}

function judgeCoolingOff({ settings, accountReplacedAt, now }: RiskFacts): RiskVerdict | null {
  if (accountReplacedAt === null) return null;
  const until = new Date(accountReplacedAt.getTime() + settings.coolingOffHours * hourMs);
  if (until <= now) return null;
  const words = `the payee's account was changed less than ${settings.coolingOffHours} h ago`;
  return { kind: 'wait', reason: 'cooling-off', until, words };
}

function judgeSameAccount(facts: RiskFacts): RiskVerdict | null {
  const { settings, sharesAccountWith: others } = facts;
  if (settings.sameAccount === 'pass' || others.length === 0 || isAllowed(facts)) return null;
  const words = `the account is also that of ${others.join(', ')}`;
  if (settings.sameAccount === 'review') return doubt(facts, 'same-account', words);
  return { kind: 'block', rule: 'same-account', words, until: null };
}

const inOrder: readonly Judge[] = [
  judgeLists,
  judgeSingle,
  judgeDaily,
  judgeFrequency,
  judgeCoolingOff,
  judgeSameAccount,
];

function doubt({ approved }: RiskFacts, name: RiskDoubt, words: string): RiskVerdict | null {
  return approved.includes(name) ? null : { kind: 'review', doubt: name, words };
}

function isAllowed({ settings, payeeId, now }: RiskFacts): boolean {
  return listed(settings.allow, payeeId, now) !== null;
}

function listed(list: readonly ListedPayee[], payeeId: string, now: Date): ListedPayee | null {
  const entry = list.find((one) => one.payeeId === payeeId);
  if (entry === undefined || (entry.until !== null && entry.until <= now)) return null;
  return entry;
}
