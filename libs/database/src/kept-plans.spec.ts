import { describe, expect, it } from '@jest/globals';
import { KeptPlans } from './kept-plans.js';

const asked = (plans: KeptPlans, sql: string, times: number): (string | undefined)[] =>
  Array.from({ length: times }, () => plans.nameOf(sql));

describe('plans that connections keep', () => {
  it('are of texts asked for the fifth time, each under a name of its own', () => {
    const plans = new KeptPlans();
    const names = asked(plans, 'SELECT 1', 6);
    expect(names.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(names[4]).toMatch(/^q_[\w-]{24}$/);
    expect(names[5]).toBe(names[4]);
    expect(asked(plans, 'SELECT 2', 5)[4]).not.toBe(names[4]);
  });

  it('are of no text behind the first thousand, however often it is asked', () => {
    const plans = new KeptPlans();
    for (let text = 0; text < 1_000; text += 1) plans.nameOf(`SELECT ${text}`);
    expect(asked(plans, 'SELECT 1000', 9)).toEqual(Array.from({ length: 9 }));
    expect(asked(plans, 'SELECT 0', 4)[3]).toBeDefined();
  });
});
