import { minor, ZERO, type Minor } from '@qingfen/money';

/** What falls due on one of a shop's days, in fen. */
export interface DueDay {
  /** `2026-01-05`. */
  readonly day: string;
  readonly dueMinor: Minor;
}

/** A day with what the account will hold when all of it is paid; null: nobody knows what it holds. */
export interface CashDay extends DueDay {
  readonly leftMinor: Minor | null;
}

/** How long a shop's account will do. */
export interface CashForecast {
  readonly days: readonly CashDay[];
  /** The first day that it does not cover. */
  readonly shortOn: string | null;
  /** What must be added for all of the days to be covered. */
  readonly missingMinor: Minor;
}

/**
 * What is left of a balance day by day, in the order given: payouts that are not final take from it first,
 * those whose outcome nobody knows too. Nothing is taken for coming in.
 */
export function foreseeCash({
  balanceMinor,
  openMinor,
  due,
}: {
  readonly balanceMinor: Minor | null;
  readonly openMinor: Minor;
  readonly due: readonly DueDay[];
}): CashForecast {
  if (balanceMinor === null) {
    const days = due.map((day) => ({ ...day, leftMinor: null }));
    return { days, shortOn: null, missingMinor: ZERO };
  }
  let left = balanceMinor - openMinor;
  const days = due.map(({ day, dueMinor }) => {
    left -= dueMinor;
    return { day, dueMinor, leftMinor: minor(left) };
  });
  const shortOn = days.find(({ leftMinor }) => leftMinor < 0n)?.day ?? null;
  return { days, shortOn, missingMinor: left < 0n ? minor(-left) : ZERO };
}
