import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CsvRecord, CsvScanner, CsvSyntaxError } from './csv-scanner.js';

function scanned(pieces: readonly string[]): CsvRecord[] {
  const scanner = new CsvScanner();
  return [...pieces.flatMap((piece) => scanner.push(piece)), ...scanner.end()];
}

const cellsOf = (text: string): (readonly string[])[] => scanned([text]).map(({ cells }) => cells);

/** Writes a cell as RFC 4180 says, with quotes where it needs them or where asked for. */
function written(cell: string, isQuoted: boolean): string {
  if (!isQuoted && !/[",\r\n]/.test(cell)) return cell;
  return `"${cell.replaceAll('"', '""')}"`;
}

const cell = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\t', ' ', '张', '😀'),
    maxLength: 6,
  }),
  fc.string({ maxLength: 8 }),
);
interface CsvFile {
  readonly rows: readonly (readonly [text: string, isQuoted: boolean][])[];
  readonly lineEnd: string;
  readonly endsWithLine: boolean;
}

const file: fc.Arbitrary<CsvFile> = fc.record({
  rows: fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 2, maxLength: 5 }), {
    maxLength: 6,
  }),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  endsWithLine: fc.boolean(),
});

function textOf({ rows, lineEnd, endsWithLine }: CsvFile): string {
  const lines = rows.map((row) => row.map(([text, quoted]) => written(text, quoted)).join(','));
  return lines.join(lineEnd) + (endsWithLine && lines.length > 0 ? lineEnd : '');
}

/** Cuts a text at the given places, wherever they fall. */
function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [...places.map((place) => place % (text.length + 1)), 0, text.length];
  const sorted = cuts.sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
}

type Property = (written: CsvFile, places: number[]) => void;
const holds = (property: Property): void =>
  fc.assert(fc.property(file, fc.array(fc.nat(), { maxLength: 8 }), property), { numRuns: 2000 });

describe('reading RFC 4180', () => {
  it('R-UPS-1 reads back every table that was written, however it is cut into pieces', () => {
    holds((table, places) => {
      const records = scanned(cutAt(textOf(table), places));
      const wanted = table.rows.map((row) => row.map(([text]) => text));
      expect(records.map(({ cells }) => cells)).toEqual(wanted);
    });
  });

  it('knows the lines that each record stands on', () => {
    holds((table, places) => {
      const text = textOf(table);
      const records = scanned(cutAt(text, places));
      const lines = text.split('\n');
      for (const { line, lastLine, cells } of records) {
        const alone = lines
          .slice(line - 1, lastLine)
          .join('\n')
          .replace(/\r$/, '');
        expect(cellsOf(alone)).toEqual([cells]);
      }
    });
  });

  it('refuses, or reads the same whatever the pieces, any text at all', () => {
    const mark = fc.constantFrom('a', '"', ',', '\n', '\r');
    const text = fc.string({ unit: mark, maxLength: 30 });
    const outcome = (pieces: readonly string[]): unknown => {
      try {
        return scanned(pieces);
      } catch (error) {
        if (!(error instanceof CsvSyntaxError)) throw error;
        return [error.line, error.message];
      }
    };
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (any, places) => {
        expect(outcome(cutAt(any, places))).toEqual(outcome([any]));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['', []],
    ['a,b', [['a', 'b']]],
    [
      'a,\n,b\r\n',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['"a""b",""\n', [['a"b', '']]],
    ['"x\r\ny",z', [['x\r\ny', 'z']]],
    ['a,', [['a', '']]],
    ['\n\na', [[''], [''], ['a']]],
  ])('reads %j', (text, cells) => {
    expect(cellsOf(text)).toEqual(cells);
  });

  it.each([
    ['a,b\nc,d"e\n', 2, 'inside of a cell'],
    ['a\n"b"c\n', 2, 'behind a closing quote'],
    ['a\n\n"b\nc\n', 3, 'never closed'],
    ['a\rb\n', 1, 'carriage return'],
    ['a\r', 1, 'carriage return'],
    [`a\n"${'x'.repeat(1_000_001)}`, 2, 'more than 1,000,000'],
  ])('refuses %j', (text, line, words) => {
    let refused: unknown;
    try {
      scanned([text]);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(CsvSyntaxError);
    expect(refused).toMatchObject({ line, message: expect.stringContaining(words) });
  });
});
