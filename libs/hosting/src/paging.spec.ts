import { describe, expect, it } from '@jest/globals';
import { instantPlace, instantPlaceAfter, pageOfRows } from './paging.js';

const rows = [1, 2, 3].map((number) => ({ at: new Date(number), id: `x y-${number}` }));
const placeOf = ({ at, id }: (typeof rows)[number]): readonly string[] => instantPlace({ at, id });

describe('a page', () => {
  it('goes on behind the last row shown', () => {
    const page = pageOfRows(rows, 2, placeOf);
    expect(page.rows).toEqual(rows.slice(0, 2));
    expect(instantPlaceAfter(page.nextCursor ?? undefined)).toEqual(rows[1]);
  });

  it('ends where nothing is left', () => {
    expect(pageOfRows(rows, 3, placeOf)).toEqual({ rows, nextCursor: null });
    expect(pageOfRows([], 3, placeOf)).toEqual({ rows: [], nextCursor: null });
    expect(instantPlaceAfter(undefined)).toBeNull();
  });

  it.each([
    'zzz',
    Buffer.from('{"a":1}').toString('base64url'),
    Buffer.from('["1970-01-01T00:00:00.002Z"]').toString('base64url'),
    Buffer.from('["yesterday","x"]').toString('base64url'),
    Buffer.from('["2026-13-01T00:00:00.000Z","x"]').toString('base64url'),
    Buffer.from('["1970-01-01T00:00:00.002Z",7]').toString('base64url'),
    Buffer.from('["1970-01-01T00:00:00.002Z","a\\u0000"]').toString('base64url'),
  ])('refuses the cursor %s: no list has given it', (cursor) => {
    expect(() => instantPlaceAfter(cursor)).toThrow('bad-query');
  });
});
