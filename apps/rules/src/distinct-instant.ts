/**
 * The clock's now, or the millisecond after `last` where that is later: instants of one shop are distinct
 * although a virtual clock stands still (domain.md 2.2), and never go backwards.
 */
export function distinctInstant(now: Date, last: Date | null): Date {
  if (last === null || now > last) return now;
  return new Date(last.getTime() + 1);
}
