const offsetMs = 8 * 3_600_000;

/** Milliseconds of a minute, an hour and a day. */
export const span = { minute: 60_000, hour: 3_600_000, day: 24 * 3_600_000 } as const;

/** The demo's first instant: a Monday's midnight in Shanghai, where its shops are. */
export const beginningMs = Date.parse('2026-03-02T00:00:00+08:00');

/** How many weeks the demo lives through. */
export const weeks = 6;

/**
 * The demo's last instant: the Monday after its last week, when that morning's runs are over. The
 * supplier run of this Monday belongs to what is expected.
 */
export const endMs = beginningMs + weeks * 7 * span.day + 6 * span.hour;

/** The evening hour at which news is told and the clock rests. */
const evening = 22 * span.hour;

/** When news is told: on the evenings of Wednesdays and Sundays. */
export const tellingsMs: readonly number[] = Array.from({ length: weeks }, (_, week) =>
  [2, 6].map((day) => eveningOf(week * 7 + day)),
).flat();

/** The first evening for news of an instant; undefined behind the last one. */
export function tellingFrom(ms: number): number | undefined {
  return tellingsMs.find((telling) => telling >= ms);
}

/** An instant with Shanghai's offset, to the second: `2026-03-02T00:00:00+08:00`. */
export function shanghai(ms: number): string {
  return `${new Date(ms + offsetMs).toISOString().slice(0, 19)}+08:00`;
}

/** The Shanghai day of an instant: `2026-03-02`. */
export function dayOf(ms: number): string {
  return shanghai(ms).slice(0, 10);
}

/** The midnight that begins the demo's day so many days after its first one. */
export function midnightOf(day: number): number {
  return beginningMs + day * span.day;
}

/** The evening of the demo's day so many days after its first one. */
export function eveningOf(day: number): number {
  return midnightOf(day) + evening;
}
