import { describe, expect, it } from '@jest/globals';
import { pageOf, positionOf } from './page.js';

const rows = [1, 2, 3].map((number) => ({ at: new Date(number), id: `x y-${number}` }));

describe('pageOf', () => {
  it('goes on behind the last row shown', () => {
    const page = pageOf(rows, 2, (row) => row);
    expect(page.rows).toEqual(rows.slice(0, 2));
    expect(positionOf(page.nextCursor ?? undefined)).toEqual(rows[1]);
  });

  it('ends where nothing is left', () => {
    expect(pageOf(rows, 3, (row) => row).nextCursor).toBeNull();
    expect(positionOf(undefined)).toBeNull();
  });

  it('refuses a cursor that it has not made', () => {
    expect(() => positionOf('zzz')).toThrow('cursor');
  });
});
