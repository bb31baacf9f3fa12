import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPlan, type PlanProblem } from './index.js';

// Plans that must not be published, each with every word that is said about it: what a finance person reads
// is part of what these specs hold.

interface BadPlan {
  readonly what: string;
  readonly plan: unknown;
  readonly problems: readonly PlanProblem[];
}

const file = path.join(import.meta.dirname, 'bad-plans.fixture.ndjson');
const badPlans = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): BadPlan => JSON.parse(line));
const limits = { levelsMax: 3 };

function problemsOf(plan: unknown): readonly PlanProblem[] {
  const reading = readPlan(plan, limits);
  return reading.kind === 'refused' ? reading.problems : [];
}

describe('R-RUL-7 bad plans', () => {
  it.each(badPlans.map(({ what, ...bad }) => [what, bad] as const))(
    'R-RUL-7 refuses %s',
    (_, { plan, problems }) => {
      expect(problemsOf(plan)).toEqual(problems);
    },
  );

  it('R-RUL-7 are many, and break every rule that there is', () => {
    const broken = new Set(badPlans.flatMap(({ problems }) => problems.map(({ code }) => code)));
    expect([...broken].sort()).toEqual([
      'bad-currency',
      'bad-cycle',
      'bad-decimal',
      'bad-rate',
      'bad-tiers',
      'bad-value',
      'exceeds-base',
      'min-above-max',
      'min-payout-too-low',
      'no-part',
      'not-yet-supported',
      'rate-above-one',
      'required',
      'too-many-levels',
      'unknown-key',
      'wrong-type',
    ]);
    expect(badPlans.length).toBeGreaterThan(60);
    expect(new Set(badPlans.map(({ what }) => what)).size).toBe(badPlans.length);
  });

  it('R-RUL-7 are told in whole sentences of both languages, and in words that are no program’s', () => {
    for (const { message, messageZh } of badPlans.flatMap(({ problems }) => problems)) {
      expect(message).toMatch(/^[\p{Lu}“].*\.$/u);
      expect(messageZh).toMatch(/^[^a-zA-Z].*。$/u);
      expect(messageZh).toMatch(/\p{Script=Han}/u);
      expect(`${message} ${messageZh}`).not.toMatch(/undefined|NaN|\[object|regex|schema|zod/);
      expect(message.length).toBeLessThan(250);
    }
  });

  it.each([
    [
      '/teamReward/tiers',
      {
        teamReward: {
          tiers: Array.from({ length: 101 }, (_, at) => ({ from: `${at}`, rate: '0' })),
        },
      },
      'Team reward › tiers: there are 101 tiers; between 1 and 100 are possible.',
    ],
    [
      '/conditions',
      {
        supplier: {},
        conditions: Array(51).fill({ for: 'supplier', when: 'payee-task', task: 'kyc' }),
      },
      'Conditions: there are 51 conditions; a plan has at most 50.',
    ],
  ])('R-RUL-7 has a limit to what anyone reads: %s', (pointer, plan, message) => {
    expect(problemsOf(plan)).toEqual([expect.objectContaining({ pointer, message })]);
  });

  it('R-RUL-7 says no more than a hundred things about one plan', () => {
    const junk = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`key-${at}`, at]));
    expect(problemsOf(junk)).toHaveLength(100);
  });
});
