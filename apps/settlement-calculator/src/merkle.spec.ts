import { describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { factText } from './journal.store.js';
import { leafOf, leafText, merkleRoot, rootOfTexts } from './merkle.js';

const sha = (...parts: Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
const zero = Buffer.from([0]);
const one = Buffer.from([1]);

describe('R-EVO-1 the root of a journal batch', () => {
  it('R-EVO-1 is built as RFC 6962 builds it, leaf and node apart', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((text) => sha(zero, Buffer.from(text)));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three leaves');
    expect(leafOf('a')).toEqual(a);
    expect(merkleRoot([a])).toEqual(a);
    expect(merkleRoot([a, b])).toEqual(sha(one, a, b));
    expect(merkleRoot([a, b, c])).toEqual(sha(one, sha(one, a, b), c));
  });

  it('R-EVO-1 is the same whichever way it is made', () => {
    for (let count = 1; count <= 40; count += 1) {
      const facts = Array.from(
        { length: count },
        (_, index) => `["entry","第 ${index} 笔","\\u0000"]`,
      );
      expect(rootOfTexts(facts.map(leafText))).toEqual(merkleRoot(facts.map(leafOf)));
    }
  });

  it('R-EVO-1 changes with any fact, with their order and with their number', () => {
    const leaves = ['a', 'b', 'c', 'd', 'e'].map(leafOf);
    const root = merkleRoot(leaves).toString('hex');
    const others = [
      leaves.toReversed(),
      leaves.slice(0, 4),
      [...leaves, leafOf('e')],
      ['a', 'b', 'x', 'd', 'e'].map(leafOf),
    ];
    expect(others.map((list) => merkleRoot(list).toString('hex'))).not.toContain(root);
  });

  it('R-EVO-1 a fact reads one way only: nothing can be moved between its fields', () => {
    expect(factText(['ab', 'c', 1n])).not.toBe(factText(['a', 'bc', 1n]));
    expect(factText(['1'])).not.toBe(factText([1]));
    expect(factText([null])).not.toBe(factText(['null']));
    expect(factText([new Date(5)])).toBe('[5]');
  });

  it('R-EVO-1 of nothing is a bug', () => {
    expect(() => merkleRoot([])).toThrow('at least one leaf');
  });
});
