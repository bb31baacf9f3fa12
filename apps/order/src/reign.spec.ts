import { describe, expect, it } from '@jest/globals';
import { bindWindow, type WindowVersion } from '@qingfen/core-order';
import { reignsOf } from './reign.js';

const at = (text: string): Date => new Date(`${text}+08:00`);

function version(number: number, effectiveFrom: string, withdrawn = false): WindowVersion {
  return {
    version: number,
    publishedAt: at('2026-01-01T00:00'),
    effectiveFrom: at(effectiveFrom),
    withdrawnAt: withdrawn ? at('2026-01-02T00:00') : null,
    returnWindowDays: number,
  };
}

describe('reignsOf', () => {
  it('R-RUL-5 covers all time without gap or overlap and agrees with the core', () => {
    const versions = [
      version(2, '2026-01-05T10:00'),
      version(1, '2026-01-01T00:00'),
      version(3, '2026-01-07T00:00', true),
    ];
    const reigns = reignsOf(versions);
    expect(reigns.map(({ version: number }) => number)).toEqual([null, 1, 2, 2]);
    const ends = reigns.map(({ to }) => to);
    expect(reigns.map(({ from }) => from)).toEqual([null, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBeNull();
    for (const { from, version: number } of reigns) {
      const paidAt = from ?? at('2020-01-01T00:00');
      const bound = bindWindow({ paidAt, completedAt: at('2026-02-01T00:00') }, versions);
      expect(bound?.version ?? null).toBe(number);
    }
  });

  it('knows no version where there is none', () => {
    expect(reignsOf([])).toEqual([{ from: null, to: null, version: null, returnWindowDays: null }]);
  });
});
