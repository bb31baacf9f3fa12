import { midnightOf, span } from './calendar.js';

/**
 * What goes wrong once, so that the demo shows a payout that fails: a distributor's account is
 * frozen on an evening, and some days later the distributor names another one.
 */
export interface Mishap {
  readonly shopId: string;
  readonly payeeId: string;
  readonly frozenOnDay: number;
  readonly mendedOnDay: number;
  readonly newIdentity: string;
}

/** The one that the demo stages. */
export const mishap: Mishap = {
  shopId: 'lotus-tea',
  payeeId: 'lotus-2',
  frozenOnDay: 15,
  mendedOnDay: 19,
  newIdentity: 'lotus-2-new@pay.example',
};

/** The evening hour at which a day's news is told and the clock rests. */
export const evening = 22 * span.hour;

/** The instant at which the account is frozen. */
export function frozenFromMs({ frozenOnDay }: Mishap): number {
  return midnightOf(frozenOnDay) + evening;
}

/** The instant at which the new account is told. */
export function mendedFromMs({ mendedOnDay }: Mishap): number {
  return midnightOf(mendedOnDay) + evening;
}
