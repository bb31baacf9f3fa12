import { createZone } from '@qingfen/calendar';

/** The instants between which a month (`2026-01`), quarter (`2026-Q1`) or year (`2026`) lies in a zone. */
export function periodBetween(
  period: string,
  timezone: string,
): { readonly from: Date; readonly to: Date } {
  const year = Number(period.slice(0, 4));
  const part = period.slice(5);
  const [first, months] = monthsOf(part);
  const zone = createZone(timezone);
  const begin = (month: number): Date => {
    const [years, rest] = [Math.floor((month - 1) / 12), ((month - 1) % 12) + 1];
    return zone.instantOf({ year: year + years, month: rest, day: 1, hour: 0, minute: 0 });
  };
  return { from: begin(first), to: begin(first + months) };
}

function monthsOf(part: string): readonly [first: number, count: number] {
  if (part === '') return [1, 12];
  if (part.startsWith('Q')) return [(Number(part.slice(1)) - 1) * 3 + 1, 3];
  return [Number(part), 1];
}
