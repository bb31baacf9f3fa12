import { describe, expect, it } from '@jest/globals';
import {
  accountOf,
  differenceClasses,
  differenceStates,
  findingKey,
  mayMove,
  mergeFindings,
  type Finding,
  type Standing,
} from './difference.js';
import { ageInDays, severityOf, suggestionFor } from './suggestion.js';

const finding = (id: string, more: Partial<Finding> = {}): Finding => ({
  comparison: 'payouts',
  class: 'amount-differs',
  subject: { type: 'number', id },
  amountMinor: 1n,
  cashMinor: -1n,
  ours: null,
  theirs: null,
  ...more,
});
const standing = (id: string, more: Partial<Standing> = {}): Standing => ({
  key: findingKey(finding(id)),
  comparison: 'payouts',
  occurrence: 1,
  state: 'open',
  class: 'amount-differs',
  amountMinor: 1n,
  cashMinor: -1n,
  ...more,
});

describe('differences that stand and what was found now', () => {
  it('R-REC-3 a new one is opened, one that is gone is cleared, one that stays is left alone', () => {
    const merged = mergeFindings([finding('a'), finding('b')], [standing('b'), standing('c')]);
    expect(merged.opened.map(({ finding: { subject } }) => subject.id)).toEqual(['a']);
    expect(merged.changed).toEqual([]);
    expect(merged.cleared.map(({ key }) => key)).toEqual([findingKey(finding('c'))]);
  });

  it('R-REC-3 one of which something else is told now stays the same difference', () => {
    const now = finding('a', { class: 'missing-at-alipay', amountMinor: 5n });
    const merged = mergeFindings([now], [standing('a', { class: 'next-day' })]);
    expect(merged).toEqual({
      opened: [],
      changed: [{ finding: now, occurrence: 1 }],
      cleared: [],
      released: [],
    });
  });

  it('R-REC-3 what a person has closed stays closed until something else is told', () => {
    const closed = standing('a', { state: 'explained' });
    expect(mergeFindings([finding('a')], [closed]).opened).toEqual([]);
    expect(mergeFindings([], [closed]).cleared).toEqual([]);
    const other = finding('a', { amountMinor: 2n });
    expect(mergeFindings([other], [closed]).opened).toEqual([{ finding: other, occurrence: 2 }]);
  });

  it('R-REC-4 what was closed and is gone, or told differently, holds no cash any more', () => {
    const closed = standing('a', { state: 'explained' });
    expect(mergeFindings([finding('a')], [closed]).released).toEqual([]);
    expect(mergeFindings([], [closed]).released).toEqual([closed]);
    expect(mergeFindings([finding('a', { cashMinor: -2n })], [closed]).released).toEqual([closed]);
    const line = standing('b', { state: 'explained', comparison: 'lines' });
    expect(mergeFindings([], [line]).released).toEqual([]);
  });

  it('R-REC-3 one that had cleared and is back is another occurrence', () => {
    const { opened } = mergeFindings([finding('a')], [standing('a', { state: 'cleared' })]);
    expect(opened).toEqual([{ finding: finding('a'), occurrence: 2 }]);
  });

  it('R-REC-3 two findings about one thing are a bug', () => {
    expect(() => mergeFindings([finding('a'), finding('a')], [])).toThrow('one thing');
  });
});

describe('the life of a difference', () => {
  it('R-REC-3 goes from open to one of three ends, and no further', () => {
    const legal = differenceStates.flatMap((from) =>
      differenceStates.filter((to) => mayMove(from, to)).map((to) => `${from} ${to}`),
    );
    expect(legal).toEqual(['open explained', 'open corrected', 'open cleared']);
    expect(differenceStates.map(accountOf)).toEqual([
      ...['suspense', 'owner', 'expense:adjustment', 'suspense'],
    ]);
  });

  it('R-REC-3 has an age, a weight and something to do about it', () => {
    const opened = new Date('2026-01-05T09:00:00Z');
    expect(ageInDays(opened, new Date('2026-01-07T08:59:59Z'))).toBe(1);
    expect(ageInDays(opened, new Date('2026-01-05T08:00:00Z'))).toBe(0);
    for (const comparison of ['payouts', 'exports'] as const) {
      for (const one of differenceClasses) {
        expect(suggestionFor(one, comparison).text).toMatch(/^[A-Z].*\.$/);
        expect(suggestionFor(one, comparison).textZh).toMatch(/。$/);
      }
    }
    expect(suggestionFor('missing-here', 'exports')).not.toEqual(
      suggestionFor('missing-here', 'payouts'),
    );
    const weights = differenceClasses.map((one) => severityOf(one, 'payouts'));
    expect(weights.filter((weight) => weight === 'info')).toEqual(['info']);
    // Who was never told of is owed nothing; who was told of wrongly may be paid wrongly.
    expect(severityOf('missing-here', 'exports')).toBe('warning');
    expect(severityOf('status-differs', 'exports')).toBe('critical');
  });
});
