import { UsageError } from './config.js';
import { type CsvRow, type CsvShape, orderShape, payeeShape, refundShape } from './csv-shapes.js';
import type { CsvRecord } from './csv-scanner.js';
import type { FileReading } from './file-message.js';

const distributorsMax = 20;

/** What a CSV's first row says. */
export interface CsvHeader {
  readonly shape: CsvShape;
  readonly columnCount: number;
  /** `distributor1`, `distributor2` … as far as there are columns. */
  readonly distributors: readonly string[];
  row(record: CsvRecord): CsvRow;
}

/**
 * Reads the header. A column that is not known is refused, not passed over: a misspelt
 * `distributor1` would cost somebody a commission.
 *
 * @throws UsageError
 */
export function readHeader(file: string, record: CsvRecord, reading: FileReading): CsvHeader {
  const names = record.cells.map((name) => name.trim());
  const shape = shapeOf(names, reading);
  const ignored = new Set(reading.ignoredColumns);
  const used = names.filter((name) => !ignored.has(name));
  const distributors = shape === orderShape ? distributorsIn(used) : [];
  const problems = [
    ...namedTwice(used),
    ...unknownIn(used, shape, distributors),
    ...missingIn(used, shape, reading),
  ];
  if (problems.length > 0) {
    throw new UsageError(`${file}, the header: ${problems.join('; ')}`);
  }
  const place = new Map(used.map((name) => [name, names.indexOf(name)]));
  const defaults: Readonly<Record<string, string | undefined>> = {
    shopId: reading.shop,
    time: shape === payeeShape ? reading.time : undefined,
  };
  const row = ({ line, lastLine, cells }: CsvRecord): CsvRow => ({
    line,
    lastLine,
    cell: (column) => {
      const at = place.get(column);
      const text = at === undefined ? '' : (cells[at] ?? '').replace(/^[ \t]+|[ \t]+$/g, '');
      return text === '' ? (defaults[column] ?? '') : text;
    },
  });
  return { shape, columnCount: names.length, distributors, row };
}

function shapeOf(names: readonly string[], { payees }: FileReading): CsvShape {
  if (payees === true) return payeeShape;
  if (names.includes('payeeId')) {
    throw new UsageError('this CSV has the column payeeId: to publish payees, say --payees');
  }
  return names.includes('refundId') ? refundShape : orderShape;
}

function distributorsIn(names: readonly string[]): string[] {
  const columns: string[] = [];
  while (columns.length < distributorsMax && names.includes(`distributor${columns.length + 1}`)) {
    columns.push(`distributor${columns.length + 1}`);
  }
  return columns;
}

function namedTwice(names: readonly string[]): string[] {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return Array.from(twice, (name) => `the column ${JSON.stringify(name)} stands there twice`);
}

function unknownIn(
  names: readonly string[],
  shape: CsvShape,
  distributors: readonly string[],
): string[] {
  const known = ['shopId', ...shape.keys, ...shape.common, ...shape.own];
  const unknown = names.filter((name) => !known.includes(name) && !distributors.includes(name));
  if (unknown.length === 0) return [];
  const levels = shape === orderShape ? [`distributor1 … distributor${distributorsMax}`] : [];
  const allowed = [...known, ...levels].join(', ');
  return [
    `${shown(unknown)} not known; the columns of a CSV of ${shape.thing}s are ${allowed}, ` +
      'without gaps in the numbers and with commas between them; --ignore-columns a,b passes ' +
      'over others',
  ];
}

function missingIn(names: readonly string[], shape: CsvShape, reading: FileReading): string[] {
  const missing = shape.required.filter((name) => !names.includes(name));
  const problems = missing.length === 0 ? [] : [`${shown(missing)} missing`];
  if (!names.includes('shopId') && reading.shop === undefined) {
    problems.push('there is no column shopId: add it, or say --shop');
  }
  if (shape === payeeShape && !names.includes('time') && reading.time === undefined) {
    problems.push(
      'say with --time from when on these payees hold, such as 2026-01-05T00:00:00+08:00 (of ' +
        'several versions of a payee the latest time counts), or add a column time',
    );
  }
  return problems;
}

function shown(names: readonly string[]): string {
  const list = names.slice(0, 10).map((name) => JSON.stringify(name));
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return `${list.join(', ')}${more} ${names.length === 1 ? 'is' : 'are'}`;
}
