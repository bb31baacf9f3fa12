import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstParting, markOf, marksOf, readMarks, tableOfMark, tagOfFact } from './leaf-mark.js';
import { leafText } from './merkle.js';

const factsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `["entry",${index}]`);
const marksOfFacts = (facts: readonly string[]): string[] =>
  facts.map(leafText).map((leaf) => markOf('s', leaf));

/** A list of facts and a place in it. */
const placed = fc
  .integer({ min: 1, max: 60 })
  .chain((count) => fc.tuple(fc.constant(factsOf(count)), fc.nat(count - 1)));

describe('R-EVO-1 O9 marks of a batch', () => {
  it('R-EVO-1 are read back as they were written, whatever bytes they have', () => {
    const facts = factsOf(300);
    const leaves = facts.map(leafText);
    expect(readMarks(marksOf('s'.repeat(300), leaves))).toEqual(marksOfFacts(facts));
    expect(tableOfMark(readMarks(marksOf('l', leaves.slice(0, 1)))[0])).toBe('ledger_transaction');
    expect(tableOfMark('?')).toBeNull();
  });

  it('R-EVO-1 a fact that no table keeps is not noted', () => {
    expect(tagOfFact('statement')).toBe('t');
    expect(() => tagOfFact('gossip')).toThrow('no table keeps facts of the kind gossip');
  });

  it('O9 nothing parts where nothing was changed', () => {
    fc.assert(
      fc.property(placed, ([facts]) => {
        const marks = marksOfFacts(facts);
        return firstParting(marks, [...marks]) === null;
      }),
    );
  });

  it('O9 a row that was flipped, taken away, added or moved is found at its place', () => {
    fc.assert(
      fc.property(placed, fc.nat(), ([facts, place], more) => {
        const noted = marksOfFacts(facts);
        const other = markOf('s', leafText('["other"]'));
        const kindAt = (there: readonly string[]): string => {
          const parting = firstParting(noted, there);
          return `${parting?.kind} ${parting?.place}`;
        };
        const second = place + 1 + (more % Math.max(facts.length - place - 1, 1));
        const swapped = noted
          .with(place, noted[second] ?? '')
          .with(Math.min(second, noted.length - 1), noted[place] ?? '');
        return (
          kindAt(noted.with(place, other)) === `changed ${place}` &&
          kindAt(noted.toSpliced(place, 1)) === `gone ${place}` &&
          kindAt(noted.toSpliced(place, 0, other)) === `extra ${place}` &&
          (second >= noted.length || kindAt(swapped) === `moved ${place}`)
        );
      }),
    );
  });
});
