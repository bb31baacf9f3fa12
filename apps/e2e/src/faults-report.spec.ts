import { describe, expect, it } from '@jest/globals';

import { faultsDocument, faultsPage, withDaysAgain } from './faults-report.js';
import type { FailpointSeen } from './observations.js';

function died(seed: number, pid: number): FailpointSeen {
  const place = { moment: 'run', point: 'committed', turn: 1 };
  return { what: 'failpoint', seed, ...place, pid, paidMinor: '1200' };
}

const failed = faultsDocument({
  at: '2026-11-27T10:00:00Z',
  isPassed: false,
  source: { commit: 'a' },
  counts: { numPassedTests: 498, numFailedTests: 2, numPendingTests: 0 },
  seen: [died(1, 11), died(3, 13)],
});
const again = { at: '2026-11-27T11:00:00Z', why: 'Two died at once.', source: { commit: 'b' } };

describe('days of a run of faults that failed and are lived through again', () => {
  it('F1 the run has passed when nothing else had failed, and the report says which, when and why', () => {
    const whole = withDaysAgain(failed, {
      days: [0, 2],
      ...again,
      seen: [died(0, 10), died(2, 12)],
    });
    expect([whole.passed, whole.tests]).toEqual([true, { passed: 500, failed: 0 }]);
    expect(whole.failpoints.map(({ seed, pid }) => [seed, pid])).toEqual([
      ...[0, 1, 2, 3].map((seed) => [seed, seed + 10]),
    ]);
    expect(whole.again).toEqual([{ days: [0, 2], ...again }]);
    expect([whole.at, whole.source]).toEqual([failed.at, failed.source]);
    const page = faultsPage(whole);
    expect(page).toContain('passed, 500 tests passed, 0 failed');
    expect(page).toContain('at 2026-11-27T11:00:00Z: 0, 2. Two died at once.');
  });

  it('F1 with another failure left it has not, and no more can be mended than had failed', () => {
    const part = withDaysAgain(failed, { days: [0], ...again, seen: [died(0, 10)] });
    expect([part.passed, part.tests]).toEqual([false, { passed: 499, failed: 1 }]);
    const more = { days: [0, 2, 4], ...again, seen: [] };
    expect(() => withDaysAgain(failed, more)).toThrow('only 2 tests');
  });
});
