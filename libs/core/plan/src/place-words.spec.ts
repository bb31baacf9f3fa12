import { describe, expect, it } from '@jest/globals';
import { glossed, placeWords } from './place-words.js';
import { said } from './plan-document.fixture.js';

describe('R-RUL-1 where in a plan something stands, in words', () => {
  it.each([
    ['/commission/levels/0/rate', 'commission › level 1 › rate'],
    ['/conditions/11/task', 'condition 12 › task'],
    ['/calendar/workdays/2', 'calendar › working day 3'],
    ['/supplier/0', 'supplier'],
    ['/commission/levels/x1', 'commission › levels'],
    ['/commission/levels/1x', 'commission › levels'],
  ])('%s is %s', (pointer, words) => {
    expect(placeWords(pointer).en.toLowerCase()).toBe(words);
  });

  it('glosses the words that it knows, and no others', () => {
    expect(glossed(['whole', 'weather'])).toMatch(/^whole（.+）、weather$/);
  });
});

describe('R-RUL-1 a list that reads like its only element', () => {
  it.each([
    ['a day', { supplier: {}, calendar: { holidays: [['2026-10-01']] } }, '/calendar/holidays/0'],
    ['a time', { supplier: { cycle: { every: 'day', at: ['02:00'] } } }, '/supplier/cycle/at'],
    ['a currency', { supplier: {}, currency: ['USD'] }, '/currency'],
  ])('is not %s', (_, document, pointer) => {
    const [problem, ...more] = said(document);
    expect(more).toEqual([]);
    expect(problem?.split(' ')[0]).toBe(pointer);
    expect(problem).not.toContain('not-yet');
  });
});
