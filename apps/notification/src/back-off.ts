/** Tries of one delivery, over some two hours; then it has failed, and an alert says so. */
export const attemptsMax = 12;

const firstPauseMs = 5_000;
const longestPauseMs = 20 * 60_000;

/**
 * Real time until the next try after `attempts` failed ones: 5 s, 10 s, 20 s … at most 20 min; `chance`
 * (0 to 1) shortens it by up to a quarter, so that many do not come back at once.
 */
export function pauseMsAfter(attempts: number, chance: number): number {
  const pauseMs = Math.min(firstPauseMs * 2 ** Math.max(0, attempts - 1), longestPauseMs);
  return Math.round(pauseMs * (1 - chance / 4));
}
