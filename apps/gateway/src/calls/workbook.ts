import writeWorkbook from 'write-excel-file/node';
import type { Cell } from './csv.js';

/** One sheet: its name, and its rows with the heads first. */
export interface Sheet {
  readonly name: string;
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * Sheets as a workbook (XLSX). Every cell is text: a number could lose digits in a sheet, and a text that
 * begins with = is no formula here.
 */
export function workbookOf(sheets: readonly Sheet[]): Promise<Buffer> {
  const written = sheets.map(({ name, rows }) => ({ sheet: name, data: rows.map(cellsOf) }));
  return writeWorkbook(written).toBuffer();
}

function cellsOf(row: readonly Cell[]): { type: typeof String; value: string }[] {
  return row.map((cell) => ({ type: String, value: String(cell ?? '') }));
}
