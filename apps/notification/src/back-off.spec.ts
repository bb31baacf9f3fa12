import { describe, expect, it } from '@jest/globals';
import { attemptsMax, pauseMsAfter } from './back-off.js';

describe('pauseMsAfter', () => {
  it.each([
    [1, 5_000],
    [2, 10_000],
    [5, 80_000],
    [40, 1_200_000],
  ])('after %i failed tries pauses %i ms', (attempts, pauseMs) => {
    expect(pauseMsAfter(attempts, 0)).toBe(pauseMs);
  });

  it('spreads by a quarter at most', () => {
    expect(pauseMsAfter(1, 0.999)).toBeGreaterThanOrEqual(3_750);
  });

  it('keeps trying for more than an hour', () => {
    const pauses = Array.from({ length: attemptsMax - 1 }, (_, index) =>
      pauseMsAfter(index + 1, 1),
    );
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(3_600_000);
  });
});
