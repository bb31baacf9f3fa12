import { parseInstant } from '@qingfen/calendar';

const dayMs = 86_400_000;
const beijingMs = 8 * 3_600_000;
/** A bill is there from 09:00 of the next day (alipay.md 8.1). */
const readyAfterMs = dayMs + 9 * 3_600_000;

// Alipay's days are Beijing's for every shop, and Beijing has had no summer time since 1991.

/** The instant that begins a Beijing day. */
export function dayStart(day: string): Date {
  return parseInstant(`${day}T00:00:00+08:00`);
}

/** The midnight that ends it. */
export function dayEnd(day: string): Date {
  return new Date(dayStart(day).getTime() + dayMs);
}

/** When its bill is there, and is compared. */
export function billReadyAt(day: string): Date {
  return new Date(dayStart(day).getTime() + readyAfterMs);
}

/** The Beijing day of an instant. */
export function beijingDay(at: Date): string {
  return new Date(at.getTime() + beijingMs).toISOString().slice(0, 10);
}

export function nextDay(day: string): string {
  return beijingDay(dayEnd(day));
}

/** The last day whose bill is there at an instant. */
export function lastReadyDay(now: Date): string {
  return beijingDay(new Date(now.getTime() - readyAfterMs));
}

/** When a bill that should be there and is not is asked for again; null: no more by itself. */
export function nextTryAt(tries: number, now: Date): Date | null {
  if (tries > triesMax) return null;
  const waitMinutes = waitsMinutes[Math.min(tries, waitsMinutes.length) - 1] ?? waitsMinutes[0];
  return new Date(now.getTime() + (waitMinutes ?? 0) * 60_000);
}

const waitsMinutes = [15, 30, 60, 120, 240, 480, 1440];
/** About a month: then somebody has been told for long, and asks by hand. */
const triesMax = 36;
