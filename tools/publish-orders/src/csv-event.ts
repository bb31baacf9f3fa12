import { createHash } from 'node:crypto';
import { eventDataSchemas, isInstant, parseWith } from '@qingfen/contracts';
import type { CsvHeader } from './csv-header.js';
import type { CsvRow, CsvShape } from './csv-shapes.js';
import type { BadLine, FileMessage } from './file-message.js';

/**
 * The message that the rows of one thing make, or everything that is wrong with them, each with
 * its line and column.
 *
 * The event's id is derived from what it says (and, of a payee, from when on): the same rows
 * published twice, from whatever file, are one event; other rows of the same order are another,
 * which contradicts the first.
 */
export function eventOfRows(
  header: CsvHeader,
  rows: readonly [CsvRow, ...CsvRow[]],
  subject: string,
): FileMessage | BadLine[] {
  const { shape } = header;
  const problems = [
    ...emptyCells(shape, rows, subject),
    ...differingCells(header, rows, subject),
    ...badTimes(shape, rows, subject),
  ];
  const { key, time, data } = shape.event(rows, header.distributors);
  const parsed = parseWith(eventDataSchemas[shape.topic], data);
  if (!parsed.ok) {
    for (const { pointer, message } of parsed.errors) {
      const path = pointer.split('/').slice(1);
      const field = shape.columnOf(path);
      const { line } = (path[0] === 'items' ? rows[Number(path[1])] : undefined) ?? rows[0];
      // An empty cell has been told already.
      const isTold = problems.some((known) => known.line === line && known.field === field);
      if (!isTold) problems.push({ line, field, subject, unreadable: message, isFatal: false });
    }
  }
  if (!parsed.ok || problems.length > 0) return problems;
  const { topic } = shape;
  const identity = JSON.stringify([topic, time, parsed.value]);
  const id = `csv-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
  const event = {
    specversion: '1.0',
    id,
    source: `/shops/${parsed.value.shopId}/csv`,
    type: topic,
    time,
    datacontenttype: 'application/json',
    data: parsed.value,
  };
  const value = Buffer.from(JSON.stringify(event));
  const lastLine = rows.at(-1)?.lastLine ?? rows[0].lastLine;
  return { line: rows[0].line, lastLine, topic, key, value, time, invalid: null };
}

function emptyCells(shape: CsvShape, rows: readonly CsvRow[], subject: string): BadLine[] {
  return rows.flatMap((row) => {
    const empty = shape.required.filter((column) => row.cell(column) === '');
    return empty.map((field) => problem(row, field, subject, 'is empty'));
  });
}

/** What belongs to the whole order must stand alike on each of its rows. */
function differingCells(
  { shape, distributors }: CsvHeader,
  [first, ...others]: readonly [CsvRow, ...CsvRow[]],
  subject: string,
): BadLine[] {
  return others.flatMap((row) => {
    const differing = [...shape.common, ...distributors].filter((column) => {
      return row.cell(column) !== first.cell(column);
    });
    return differing.map((field) => {
      const [here, there] = [row.cell(field), first.cell(field)].map((text) => {
        return JSON.stringify(text.slice(0, 60));
      });
      return problem(row, field, subject, `${here} is not ${there} as on line ${first.line}`);
    });
  });
}

function badTimes(
  shape: CsvShape,
  [row]: readonly [CsvRow, ...CsvRow[]],
  subject: string,
): BadLine[] {
  const time = row.cell('time');
  if (shape.topic !== 'payee-upserted' || isInstant(time)) return [];
  const example = 'an ISO 8601 instant with an offset such as "2026-01-05T02:00:00+08:00"';
  return [problem(row, 'time', subject, `${JSON.stringify(time.slice(0, 60))} is not ${example}`)];
}

function problem(row: CsvRow, field: string, subject: string, unreadable: string): BadLine {
  return { line: row.line, field, subject, unreadable, isFatal: false };
}
