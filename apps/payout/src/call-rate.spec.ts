import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Spacing } from './call-rate.js';

describe('Spacing', () => {
  it('R-ALI-1 lets turns that a slow commit has let pass start one after the other', () => {
    const spacing = new Spacing(10);
    // Three turns are late at 100, and two are on time.
    const starts = [50, 60, 70, 105, 140].map((turnMs) => spacing.startOf('app', turnMs, 100));
    expect(starts).toEqual([100, 110, 120, 130, 140]);
    expect(spacing.startOf('other', 50, 100)).toBe(100);
  });

  it('R-ALI-1 starts nothing early, and no two of an application within a gap', () => {
    const turns = fc.array(fc.record({ stepMs: fc.nat(30), lateMs: fc.nat(200) }));
    fc.assert(
      fc.property(turns, (steps) => {
        const spacing = new Spacing(10);
        let [turnMs, lastMs] = [0, Number.NEGATIVE_INFINITY];
        for (const { stepMs, lateMs } of steps) {
          turnMs += stepMs;
          const startMs = spacing.startOf('app', turnMs, turnMs - 100 + lateMs);
          expect(startMs).toBeGreaterThanOrEqual(turnMs);
          expect(startMs - lastMs).toBeGreaterThanOrEqual(10);
          lastMs = startMs;
        }
      }),
    );
  });

  it('R-ALI-1 keeps nothing apart where there is no rate', () => {
    const spacing = new Spacing(null);
    expect([1, 2].map((turnMs) => spacing.startOf('app', turnMs, 100))).toEqual([1, 2]);
  });
});
