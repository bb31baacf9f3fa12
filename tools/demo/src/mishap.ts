/**
 * What goes wrong once, so that the demo shows a payout that fails: a distributor's account is
 * frozen on an evening, and some days later the distributor names another one. Both days have an
 * evening on which news is told.
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
  frozenOnDay: 16,
  mendedOnDay: 20,
  newIdentity: 'lotus-2-new@pay.example',
};
