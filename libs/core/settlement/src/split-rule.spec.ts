import { describe, expect, it } from '@jest/globals';
import { readPlan } from '@qingfen/core-plan';
import { splitRuleOf } from './split-rule.js';

describe('what of a plan splitting needs', () => {
  it('is worked out once for a plan, and once for the levels that an order has', () => {
    const levels = [{ rate: '0.30' }, { rate: '0.20' }];
    const reading = readPlan({ commission: { levels } }, { levelsMax: 3 });
    if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
    const rule = splitRuleOf(reading.plan);
    expect(splitRuleOf(reading.plan)).toBe(rule);
    expect(rule.levelsFor(0b11)).toBe(rule.levelsFor(0b11));
    expect(rule.levelsFor(0b01)).not.toBe(rule.levelsFor(0b11));
  });
});
