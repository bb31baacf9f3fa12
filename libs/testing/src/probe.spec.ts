import { describe, expect, it } from '@jest/globals';

import { until } from './probe.js';

describe('until', () => {
  it('asks again after "not yet" and after trouble', async () => {
    let asked = 0;
    const ask = (): number => {
      asked += 1;
      if (asked === 1) throw new Error('not there');
      return asked;
    };
    const holds = (seen: number): boolean => seen === 3;
    expect(await until('three', ask, { deadlineMs: 5_000, everyMs: 1, holds })).toBe(3);
  });

  it('says what it waited for and what it saw last', async () => {
    const never = until('the moon', () => ({ phase: 'new' }), {
      deadlineMs: 5,
      everyMs: 1,
      holds: () => false,
    });
    await expect(never).rejects.toThrow(/waited 5 ms for the moon; last saw {"phase":"new"}/);
  });
});
