import type { Minor, Ppm } from '@qingfen/money';

/** A payee on one of a shop's lists, until an instant or (null) for ever. */
export interface ListedPayee {
  readonly payeeId: string;
  readonly reason: string;
  readonly until: Date | null;
}

/** What a payout does that is to an account of several payees. */
export type SameAccount = 'pass' | 'review' | 'block';

/** What becomes of a payout that looks unusual; `shadow` only notes it. */
export type AnomalyMode = 'off' | 'shadow' | 'review' | 'block';

/** What stops a shop's payouts by itself; a human alone lets them go on. Null: the rule does not act. */
export interface BrakeSettings {
  /** So many percent of the last `of` payouts that were sent have failed. */
  readonly failures: { readonly percent: number; readonly of: number } | null;
  /** More than `fromMinor` is to be paid on a day, and more than so many percent of what was foreseen. */
  readonly total: { readonly percent: number; readonly fromMinor: Minor } | null;
  /** The Alipay account holds less. */
  readonly balanceMinMinor: Minor | null;
}

/** A shop's limits and lists. Amounts are fen; null is no limit. */
export interface RiskSettings {
  readonly perPayout: { readonly reviewMinor: Minor | null; readonly blockMinor: Minor | null };
  readonly payeeDailyMinor: Minor | null;
  readonly shopDailyMinor: Minor | null;
  readonly frequency: { readonly count: number; readonly hours: number } | null;
  /** After a known account has changed. */
  readonly coolingOffHours: number;
  readonly sameAccount: SameAccount;
  readonly anomaly: AnomalyMode;
  /** A plan whose commissions can come to a greater part of a line wants a second person. */
  readonly payoutRatioMaxPpm: Ppm;
  /** What one person may book by hand; above it a second one is wanted. */
  readonly manualMaxMinor: Minor | null;
  readonly brake: BrakeSettings;
  readonly allow: readonly ListedPayee[];
  readonly block: readonly ListedPayee[];
}

/** What may be changed; what is left out stays as it is. */
export type RiskChange = Partial<RiskSettings>;
