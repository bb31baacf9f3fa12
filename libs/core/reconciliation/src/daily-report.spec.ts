import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import {
  figuresOfDay,
  insistOnTotals,
  localDaySpan,
  movements,
  type MovementSum,
} from './daily-report.js';

const part = fc.record({
  movement: fc.constantFrom(...movements),
  kind: fc.constantFrom('commission', 'supplier', 'team-reward', null),
  currency: fc.constantFrom('CNY', 'JPY'),
  count: fc.bigInt({ min: 1n, max: 1_000n }),
  amountMinor: fc.bigInt({ min: 1n, max: 10n ** 12n }).map(minor),
});

/** One part of each movement, kind and currency, as a database groups them. */
const parts = fc.uniqueArray(part, {
  selector: ({ movement, kind, currency }) => `${movement} ${kind} ${currency}`,
  maxLength: 40,
});

function totalsOf(given: readonly MovementSum[]): Omit<MovementSum, 'kind'>[] {
  const totals = new Map<string, Omit<MovementSum, 'kind'>>();
  for (const { movement, currency, count, amountMinor } of given) {
    const key = `${movement} ${currency}`;
    const known = totals.get(key);
    totals.set(key, {
      movement,
      currency,
      count: count + (known?.count ?? 0n),
      amountMinor: minor(amountMinor + (known?.amountMinor ?? 0n)),
    });
  }
  return [...totals.values()];
}

describe('the figures of a day', () => {
  it('R-REC-1 O1 loses nothing: kinds add up to their total, and what is given back to its parts', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const { kinds, totals } = figuresOfDay(given, totalsOf(given));
        return totals.every((total) => {
          const of = kinds.filter(({ currency }) => currency === total.currency);
          const adds = [...movements, 'givenBack' as const].every((name) => {
            const amount = of.reduce((sum, figures) => sum + figures[name].amountMinor, 0n);
            const count = of.reduce((sum, figures) => sum + figures[name].count, 0n);
            return amount === total[name].amountMinor && count === total[name].count;
          });
          const { failed, cancelled, returned, givenBack } = total;
          const back = failed.amountMinor + cancelled.amountMinor + returned.amountMinor;
          return adds && back === givenBack.amountMinor;
        });
      }),
    );
  });

  it('R-REC-1 O1 refuses totals that are a fen, or one, away from their parts', () => {
    fc.assert(
      fc.property(
        parts.filter(({ length }) => length > 0),
        fc.boolean(),
        (given, byFen) => {
          const [first, ...rest] = totalsOf(given);
          if (first === undefined) return true;
          const off = byFen
            ? { ...first, amountMinor: minor(first.amountMinor + 1n) }
            : { ...first, count: first.count + 1n };
          expect(() => figuresOfDay(given, [off, ...rest])).toThrow('come to');
          return true;
        },
      ),
    );
    const one = { currency: 'CNY', count: 1n, amountMinor: minor(5n) };
    expect(() => insistOnTotals([one], [])).toThrow('CNY');
    expect(() => insistOnTotals([one], [one])).not.toThrow();
  });

  it('R-REC-1 lists kinds in one order, and what nobody knows the kind of last', () => {
    const sum = {
      movement: 'succeeded',
      currency: 'CNY',
      count: 1n,
      amountMinor: minor(5n),
    } as const;
    const given = [null, 'supplier', 'commission'].map((kind) => ({ ...sum, kind }));
    const { kinds } = figuresOfDay(given, totalsOf(given));
    expect(kinds.map(({ kind }) => kind)).toEqual(['commission', 'supplier', null]);
  });
});

describe('a day of a shop', () => {
  it('R-REC-1 is a day in its own zone, 23 or 25 hours long where the clocks change', () => {
    const span = (day: string, timezone: string): readonly [string, number] => {
      const { from, to } = localDaySpan(day, timezone);
      return [from.toISOString(), (to.getTime() - from.getTime()) / 3_600_000];
    };
    expect(span('2026-01-05', 'Asia/Shanghai')).toEqual(['2026-01-04T16:00:00.000Z', 24]);
    expect(span('2026-03-29', 'Europe/Berlin')).toEqual(['2026-03-28T23:00:00.000Z', 23]);
    expect(span('2026-11-01', 'America/New_York')).toEqual(['2026-11-01T04:00:00.000Z', 25]);
    expect(span('2026-12-31', 'Pacific/Kiritimati')).toEqual(['2026-12-30T10:00:00.000Z', 24]);
    expect(() => localDaySpan('2026-01-05', 'Beijing')).toThrow('time zone');
  });
});
