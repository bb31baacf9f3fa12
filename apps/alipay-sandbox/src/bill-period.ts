import { beijingDay, parseBeijingTime } from './clock.js';

/** The two bills that this Alipay writes: of trades, and of the balance. */
export type BillType = 'trade' | 'signcustomer';

export interface BillPeriod {
  readonly type: BillType;
  /** `yyyy-MM-dd` or `yyyy-MM`, in Beijing. */
  readonly date: string;
  /** Half-open, milliseconds of business time. */
  readonly fromMs: number;
  readonly toMs: number;
  /** From this instant the file is there. */
  readonly readyAtMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const READY_HOUR = 9;
const YEARS_KEPT = 6;

/** The day or month that a bill is of; undefined for a text that is none. */
export function billPeriod(type: BillType, date: string): BillPeriod | undefined {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(date);
  if (!isDay && !/^\d{4}-\d\d$/.test(date)) return undefined;
  const fromMs = midnight(isDay ? date : `${date}-01`);
  if (fromMs === undefined || !beijingDay(fromMs).startsWith(date)) return undefined;
  // A day's bill is there the next morning, a month's on the third of the next.
  const toMs = isDay ? fromMs + DAY_MS : monthAfter(date);
  const readyAtMs = toMs + READY_HOUR * HOUR_MS + (isDay ? 0 : 2 * DAY_MS);
  return { type, date, fromMs, toMs, readyAtMs };
}

/** Whether bills this old are not kept any more. */
export function isTooOld({ fromMs }: BillPeriod, at: number): boolean {
  const year = Number(beijingDay(at).slice(0, 4)) - YEARS_KEPT;
  return fromMs < (midnight(`${year}-01-01`) ?? 0);
}

function monthAfter(month: string): number {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return midnight(`${next}-01`) ?? 0;
}

function midnight(day: string): number | undefined {
  return parseBeijingTime(`${day} 00:00:00`);
}
