import { describe, expect, it } from '@jest/globals';
import { distinctInstant } from './distinct-instant.js';

const now = new Date('2026-01-05T02:00:00Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);

describe('distinctInstant', () => {
  it.each([
    ['the clock, at first', null, now],
    ['the clock, once it has moved', later(-1), now],
    ['a millisecond later on a standing clock', now, later(1)],
    ['a millisecond later than one ahead of the clock', later(5), later(6)],
  ])('R-RUL-5 is %s', (_, last, expected) => {
    expect(distinctInstant(now, last)).toEqual(expected);
  });
});
