import { formatAmount, minor, type Minor } from '@qingfen/money';

/** Where the money of one entry stands in the books. */
export interface Standing {
  /** All rows of the entry together. */
  readonly sumMinor: Minor;
  readonly maturesAt: Date;
  /** Null for the platform's fee, which is never stated. */
  readonly payeeId: string | null;
  /** As it is on a statement, or settled outside; null while it is on none. */
  readonly closedMinor: Minor | null;
  /** As it waits to be stated; null where it does not. */
  readonly open: { readonly amountMinor: Minor; readonly maturesAt: Date } | null;
}

/** How an entry should stand, and how it does, in texts that can be shown. */
export interface StandingDifference {
  readonly expected: string;
  readonly booked: string;
}

/**
 * Checks that an entry stands in one place, with all of its money: on a statement, settled outside, or
 * waiting; nowhere once its sum is zero (domain.md 4).
 */
export function checkStanding(standing: Standing, currency: string): StandingDifference | null {
  const text = (amountMinor: Minor): string => formatAmount(amountMinor, currency);
  const { sumMinor, maturesAt, payeeId, closedMinor, open } = standing;
  const places = [
    ...(closedMinor === null ? [] : [`closed with ${text(closedMinor)}`]),
    ...(open === null ? [] : [waiting(text(open.amountMinor), open.maturesAt)]),
  ];
  const booked = places.length === 0 ? 'nowhere' : places.join(', ');
  const isNowhere = payeeId === null || (closedMinor === null && sumMinor === minor(0n));
  const expected = isNowhere
    ? 'nowhere'
    : closedMinor === null
      ? waiting(text(sumMinor), maturesAt)
      : `closed with ${text(sumMinor)}`;
  return expected === booked ? null : { expected, booked };
}

function waiting(amount: string, maturesAt: Date): string {
  return `waiting with ${amount} until ${maturesAt.toISOString()}`;
}
