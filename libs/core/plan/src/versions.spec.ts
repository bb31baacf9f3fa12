import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPlan, termsInForce, versionInForce, type Plan } from './index.js';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const dates = (version: number, published: number, effective: number, withdrawn?: number) => ({
  version,
  publishedAt: day(published),
  effectiveFrom: day(effective),
  withdrawnAt: withdrawn === undefined ? null : day(withdrawn),
});

function planOf(document: unknown): Plan {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

describe('R-RUL-5 the version in force', () => {
  const versions = [
    dates(1, 1, 1),
    dates(2, 2, 10),
    dates(3, 3, 10),
    dates(4, 4, 5),
    dates(5, 5, 12, 6),
  ];

  it.each([
    [1, 1],
    [4, 1],
    [5, 4],
    [9, 4],
    [10, 3],
    [20, 3],
  ])('on day %s is version %s', (at, expected) => {
    expect(versionInForce(versions, day(at))?.version).toBe(expected);
  });

  it('of two that take effect together is the one published later, then the one numbered higher', () => {
    const later = [dates(2, 3, 10), dates(3, 2, 10)];
    const together = [dates(2, 3, 10), dates(3, 3, 10)];
    for (const order of [(list: typeof later) => list, (list: typeof later) => list.toReversed()]) {
      expect(versionInForce(order(later), day(10))?.version).toBe(2);
      expect(versionInForce(order(together), day(10))?.version).toBe(3);
    }
  });

  it('is none before the first', () => {
    expect(versionInForce(versions, new Date(day(1).getTime() - 1))).toBeUndefined();
  });

  it('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(versions, { minLength: versions.length }),
        fc.integer({ min: 1, max: 20 }),
        (shuffled, at) => versionInForce(shuffled, day(at)) === versionInForce(versions, day(at)),
      ),
    );
  });

  it('keeps the terms of a kind that a later version lacks', () => {
    const both = planOf({ supplier: {}, commission: { levels: [{ rate: '0.1' }] } });
    const less = planOf({ supplier: { cycle: { every: 'day', at: '03:00' } } });
    const planned = [
      { ...dates(1, 1, 1), plan: both },
      { ...dates(2, 2, 2), plan: less },
    ];
    expect(termsInForce(planned, 'commission', day(9))?.version.version).toBe(1);
    expect(termsInForce(planned, 'supplier', day(9))?.terms.cycle).toEqual({
      every: 'day',
      at: '03:00',
    });
    expect(termsInForce(planned, 'team-reward', day(9))).toBeUndefined();
  });
});
