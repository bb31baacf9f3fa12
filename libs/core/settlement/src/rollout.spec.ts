import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bringsInside,
  comesInside,
  isInside,
  rolloutNumberOf,
  rolloutNumberText,
  type Rollout,
  type RolloutSubject,
} from './rollout.js';

const subjects: RolloutSubject[] = Array.from({ length: 200 }, (_, index) => ({
  payeeId: `d-${index % 5}`,
  number: index % 100,
}));

const rollout: fc.Arbitrary<Rollout> = fc.oneof(
  fc.constantFrom<Rollout>({ mode: 'off' }, { mode: 'dry-run' }, { mode: 'all' }),
  fc
    .subarray(['d-0', 'd-1', 'd-2', 'd-3', 'd-4'])
    .map((payees): Rollout => ({ mode: 'pilot', payees })),
  fc.nat({ max: 100 }).map((percentage): Rollout => ({ mode: 'percentage', percentage })),
);

describe('R-TST-4 rollout', () => {
  it('states what listed payees, a share of all payees, or all are owed', () => {
    const d1 = { payeeId: 'd-1', number: 10 };
    expect(isInside({ mode: 'off' }, d1)).toBe(false);
    expect(isInside({ mode: 'dry-run' }, d1)).toBe(false);
    expect(isInside({ mode: 'all' }, d1)).toBe(true);
    expect(isInside({ mode: 'pilot', payees: ['d-1'] }, d1)).toBe(true);
    expect(isInside({ mode: 'pilot', payees: ['d-2'] }, d1)).toBe(false);
    expect(isInside({ mode: 'percentage', percentage: 10 }, d1)).toBe(false);
    expect(isInside({ mode: 'percentage', percentage: 11 }, d1)).toBe(true);
  });

  it('a payee keeps its number, so a larger percentage only ever adds payees', () => {
    expect(rolloutNumberText('shop-a', 'd-1')).toBe('rollout|shop-a|d-1');
    expect(rolloutNumberOf(`0000006f${'0'.repeat(56)}`)).toBe(11);
    expect(rolloutNumberOf(`ffffffff${'0'.repeat(56)}`)).toBe(4294967295 % 100);
    expect(() => rolloutNumberOf('abc')).toThrow('64 hex digits');
  });

  it('says that a change brings nobody inside only where it does not', () => {
    fc.assert(
      fc.property(rollout, rollout, (before, after) => {
        const some = subjects.some((subject) => comesInside(before, after, subject));
        return !some || bringsInside(before, after);
      }),
    );
    expect(bringsInside({ mode: 'all' }, { mode: 'pilot', payees: ['d-1'] })).toBe(false);
    expect(bringsInside({ mode: 'dry-run' }, { mode: 'all' })).toBe(true);
    expect(bringsInside({ mode: 'all' }, { mode: 'dry-run' })).toBe(false);
    const ten: Rollout = { mode: 'percentage', percentage: 10 };
    expect(bringsInside(ten, ten)).toBe(false);
    expect(bringsInside(ten, { mode: 'percentage', percentage: 11 })).toBe(true);
    const pilot: Rollout = { mode: 'pilot', payees: ['d-1'] };
    expect(bringsInside(pilot, pilot)).toBe(false);
    expect(bringsInside(pilot, { mode: 'pilot', payees: ['d-1', 'd-2'] })).toBe(true);
    expect(bringsInside(pilot, ten)).toBe(true);
    expect(bringsInside(ten, pilot)).toBe(true);
    expect(bringsInside(ten, { mode: 'percentage', percentage: 9 })).toBe(false);
    expect(bringsInside(pilot, { mode: 'pilot', payees: [] })).toBe(false);
    expect(bringsInside({ mode: 'dry-run' }, { mode: 'pilot', payees: [] })).toBe(false);
    expect(bringsInside(ten, { mode: 'pilot', payees: [] })).toBe(false);
    expect(bringsInside(pilot, { mode: 'off' })).toBe(false);
    expect(bringsInside(pilot, { mode: 'dry-run' })).toBe(false);
    expect(bringsInside(ten, { mode: 'dry-run' })).toBe(false);
    expect(bringsInside(pilot, { mode: 'all' })).toBe(true);
    expect(bringsInside({ mode: 'all' }, { mode: 'all' })).toBe(false);
    expect(bringsInside({ mode: 'off' }, pilot)).toBe(true);
    const d1 = { payeeId: 'd-1', number: 10 };
    expect(comesInside({ mode: 'off' }, { mode: 'all' }, d1)).toBe(true);
    expect(comesInside({ mode: 'all' }, { mode: 'all' }, d1)).toBe(false);
    expect(comesInside({ mode: 'off' }, ten, d1)).toBe(false);
  });
});
