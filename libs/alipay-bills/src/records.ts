import { parse } from 'csv-parse/sync';
import { UnreadableBill } from './bill-line.js';

/** A cell that goes on for longer is no cell: a quotation mark was never closed. */
const openCellMax = 1_000_000;
/** What Node calls bytes that are not of the encoding. */
const badBytes = 'ERR_ENCODING_INVALID_ENCODED_DATA';

/**
 * The records of a CSV file in GBK, as many at a time as a piece of the file has; a line that begins with
 * `#` is a record of one cell. GB18030 is what GBK has become and reads every GBK file.
 *
 * @throws UnreadableBill where bytes are no GBK, or a quotation mark stands where none may
 */
export async function* recordsOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string[][]> {
  const decoder = new TextDecoder('gb18030', { fatal: true });
  let rest = '';
  for await (const piece of pieces) {
    rest += decoded(() => decoder.decode(piece, { stream: true }));
    const end = endOfRecords(rest);
    if (end > 0) yield parsed(rest.slice(0, end));
    rest = rest.slice(end);
    if (rest.length > openCellMax) throw new UnreadableBill('bad-line', 'a line does not end');
  }
  rest += decoded(() => decoder.decode());
  if (rest !== '') yield parsed(rest);
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
    if (code !== badBytes) throw error;
    throw new UnreadableBill('wrong-encoding', 'the bytes are no GBK');
  }
}

/** Behind the last line feed outside of quotation marks; 0 where there is none. */
function endOfRecords(text: string): number {
  if (!text.includes('"')) return text.lastIndexOf('\n') + 1;
  let end = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === '\n' && !isQuoted) end = at + 1;
  }
  return end;
}

/**
 * Where there is no quotation mark there is nothing to parse but separators, and nearly no text of a bill
 * has one: that takes a tenth of a parser's time.
 */
function parsed(text: string): string[][] {
  if (text.includes('"')) return parsedByLibrary(text);
  const records: string[][] = [];
  for (let from = 0; from < text.length;) {
    const feed = text.indexOf('\n', from);
    const next = feed < 0 ? text.length : feed;
    const end = text[next - 1] === '\r' && next > from ? next - 1 : next;
    if (end > from) records.push(cellsBetween(text, from, end));
    from = next + 1;
  }
  return records;
}

/** Without the TAB that a cell ends in: cut off later it would be cut twice. */
function cellsBetween(text: string, start: number, end: number): string[] {
  const cells: string[] = [];
  for (let from = start; ;) {
    const comma = text.indexOf(',', from);
    const isLast = comma < 0 || comma >= end;
    const to = isLast ? end : comma;
    cells.push(text.slice(from, text[to - 1] === '\t' && to > from ? to - 1 : to));
    if (isLast) return cells;
    from = comma + 1;
  }
}

function parsedByLibrary(text: string): string[][] {
  try {
    return parse(text, {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableBill('bad-line', why.slice(0, 200));
  }
}
