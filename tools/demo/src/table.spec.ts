import { describe, expect, it } from '@jest/globals';
import { grouped, table } from './table.js';

describe('table', () => {
  it('aligns columns where Chinese characters take two places', () => {
    expect(
      table([
        ['应结', '12.00'],
        ['owed', '1,234.00'],
        ['paid 已付', ''],
      ]),
    ).toEqual(['应结          12.00', 'owed       1,234.00', 'paid 已付']);
  });
});

describe('grouped', () => {
  it.each([
    [0n, '0.00'],
    [99_999n, '999.99'],
    [123_456_789n, '1,234,567.89'],
    [-100_000n, '-1,000.00'],
  ])('shows %s fen as %s', (fen, text) => expect(grouped(fen)).toBe(text));
});
