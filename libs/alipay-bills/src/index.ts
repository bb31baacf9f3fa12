export type { BillLine, BillProblem, BillReading, BillSummary } from './bill-line.js';
export { readBill } from './read-bill.js';
export type { BillToRead } from './read-bill.js';
