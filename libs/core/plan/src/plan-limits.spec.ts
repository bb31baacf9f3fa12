import { describe, expect, it } from '@jest/globals';
import { readPlan } from './index.js';
import {
  LIMITS,
  said,
  many,
  levels,
  daily,
  team,
  groups,
  ids,
  calendar,
  conditions,
  tier,
  days,
} from './plan-document.fixture.js';

describe('R-RUL-1 the greatest and the least that a plan may have', () => {
  it.each<[string, unknown]>([
    ['a hundred tiers', team(many(100, tier))],
    [
      'fifty conditions',
      conditions(
        ...many(50, () => ({
          for: 'commission',
          when: 'order-amount',
          atLeast: '1.00',
        })),
      ),
    ],
    [
      'twenty groups of payees',
      groups(
        ...many(20, (index) => ({
          payees: [`s-${index}`],
          cycle: daily,
        })),
      ),
    ],
    ['a thousand payees of one group', groups({ payees: ids(1_000), cycle: daily })],
    ['five hundred days off', calendar({ holidays: days(500) })],
    ['ten years of days', { supplier: { delayDays: 3650 }, returnWindowDays: 3650 }],
    ['no days at all', { supplier: { delayDays: 0 }, returnWindowDays: 0 }],
    ['the whole as a rate', levels({ rate: '1' })],
    ['bounds that meet', levels({ rate: '0.1', min: '2.00', max: '2.00' })],
    ['the least payout of Alipay', { supplier: { minPayout: '0.10' } }],
    ['a task of one letter', conditions({ for: 'supplier', when: 'payee-task', task: 'k' })],
    [
      'a task of 64 letters',
      conditions({
        for: 'team-reward',
        when: 'payee-task',
        task: 'k'.repeat(64),
      }),
    ],
    ['a payee with the longest id', groups({ payees: ['a'.repeat(64)], cycle: daily })],
    ['a payee with every sign of ids', groups({ payees: ['9._:@-Z'], cycle: daily })],
  ])('takes %s', (_, document) => {
    expect(said(document)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['101 tiers', team(many(101, tier)), '/teamReward/tiers bad-tiers'],
    ['51 conditions', conditions(...many(51, () => 1)), '/conditions bad-value'],
    [
      '1001 payees',
      groups({ payees: ids(1_001), cycle: daily }),
      '/supplier/payeeCycles/0/payees bad-value',
    ],
    ['501 days off', calendar({ holidays: days(501) }), '/calendar/holidays bad-value'],
    [
      'a day more than ten years',
      { supplier: {}, returnWindowDays: 3651 },
      '/returnWindowDays bad-value',
    ],
    ['days as text', { supplier: {}, returnWindowDays: '7' }, '/returnWindowDays bad-value'],
    [
      'a task of nothing',
      conditions({ for: 'supplier', when: 'payee-task', task: '' }),
      '/conditions/0/task bad-value',
    ],
    [
      'a task of 65 letters',
      conditions({
        for: 'supplier',
        when: 'payee-task',
        task: 'k'.repeat(65),
      }),
      '/conditions/0/task bad-value',
    ],
    [
      'a task with a line break',
      conditions({
        for: 'supplier',
        when: 'payee-task',
        task: 'a\nb',
      }),
      '/conditions/0/task bad-value',
    ],
    [
      'a payee with too long an id',
      groups({ payees: ['a'.repeat(65)], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee with an id of signs',
      groups({ payees: ['-a'], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee of nothing',
      groups({ payees: [''], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee with a blank behind it',
      groups({ payees: ['s-1 '], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee twice in one group',
      groups({ payees: ['s-1', 's-1'], cycle: daily }),
      '/supplier/payeeCycles/0/payees/1 bad-value',
    ],
    [
      'payees no list',
      groups({ payees: 's-1', cycle: daily }),
      '/supplier/payeeCycles/0/payees wrong-type',
    ],
    ['a group that is none', groups('s-1'), '/supplier/payeeCycles/0 wrong-type'],
    [
      'a group that has more',
      groups({ payees: ['s-1'], cycle: daily, x: 1 }),
      '/supplier/payeeCycles/0/x unknown-key',
    ],
    [
      'days off of both kinds and one more',
      calendar({ holidays: [], workdays: [], x: [] }),
      '/calendar/x unknown-key',
    ],
    [
      'a day off that is a number',
      calendar({ holidays: [20261001] }),
      '/calendar/holidays/0 bad-value',
    ],
  ])('refuses %s', (_, document, expected) => {
    expect(said(document)).toEqual([expected]);
  });

  it.each([
    ['transfer', '0.09', 'below 0.10, the least that Alipay transfers.'],
    ['batch', '0.99', 'below 1.00, the least that Alipay pays in a batch.'],
    ['royalty', '0.00', 'below 0.01, the least that Alipay splits.'],
  ])('says what the least payout by %s is', (payVia, minPayout, words) => {
    const reading = readPlan({ supplier: { payVia, minPayout } }, LIMITS);
    const problems = reading.kind === 'refused' ? reading.problems : [];
    expect(problems.map(({ code }) => code)).toEqual(['min-payout-too-low']);
    expect(problems[0]?.message).toContain(words);
  });

  it('says a hundred mistakes and no more, in order', () => {
    const document = { supplier: {}, ...Object.fromEntries(ids(150).map((id) => [id, 1])) };
    const found = said(document);
    expect(found).toHaveLength(100);
    expect([found[0], found[99]]).toEqual(['/s-0 unknown-key', '/s-99 unknown-key']);
  });

  it('takes over nothing that an object has from its kind', () => {
    expect(said({ supplier: Object.create({ delayDays: -1 }) })).toEqual([]);
    expect(said([])).toEqual([' wrong-type']);
    expect(said(null)).toEqual([' wrong-type']);
    expect(said({ supplier: [] })).toEqual(['/supplier wrong-type']);
  });

  it('points at keys as RFC 6901 says', () => {
    expect(said({ supplier: {}, 'a~/b~/': 1 })).toEqual(['/a~0~1b~0~1 unknown-key']);
  });

  it('shows foreign text cut and on one line', () => {
    const shown = (currency: unknown): string => {
      const reading = readPlan({ supplier: {}, currency }, LIMITS);
      return reading.kind === 'refused' ? (reading.problems[0]?.message ?? '') : '';
    };
    expect(shown('x'.repeat(40))).toContain(`“${'x'.repeat(40)}”`);
    expect(shown('y'.repeat(41))).toContain(`“${'y'.repeat(40)}…”`);
    expect(shown('a \n b')).toContain('“a b”');
    expect(shown({ a: 1 })).toContain('“{"a":1}”');
    expect(shown(() => 1)).toContain('“undefined”');
  });
});
