import { fileTypes } from '@qingfen/contracts';
import type { Response } from 'express';

/** A CSV in UTF-8, to be kept under a name. */
export function sendCsv(response: Response, name: string, text: string): void {
  response.type(`${fileTypes.csv}; charset=utf-8`).attachment(`${name}.csv`).send(text);
}

/** A workbook, to be kept under a name. */
export function sendWorkbook(response: Response, name: string, workbook: Buffer): void {
  response.type(fileTypes.xlsx).attachment(`${name}.xlsx`).send(workbook);
}

/** A PDF, to be kept under a name. */
export function sendPdf(response: Response, name: string, document: Buffer): void {
  response.type(fileTypes.pdf).attachment(`${name}.pdf`).send(document);
}
