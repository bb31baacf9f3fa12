import { ReferenceZone } from './zone.js';

/** Asia/Shanghai has been +08:00 without summer time since 1991: plain arithmetic on milliseconds. */
export const shanghai = new ReferenceZone(() => 8 * 3_600_000);

/** The Shanghai day an instant lies in, `YYYY-MM-DD`. */
export function dayOf(instantMs: number): string {
  return shanghai.dayOf(instantMs);
}

/** The instant that begins a Shanghai day, plus so many minutes. */
export function instantOf(day: string, minutes = 0): number {
  return shanghai.instantOf(day, minutes);
}

/** An instant as text with Shanghai's offset, to the second: how a period is written. */
export function textOf(instantMs: number): string {
  return shanghai.textOf(instantMs);
}
