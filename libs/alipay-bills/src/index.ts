export type { BillLine, BillProblem, BillReading, BillSummary } from './bill-line.js';
export { readBill } from './read-bill.js';
export type { BillToRead } from './read-bill.js';
// For specs that want a bill as Alipay writes one; nothing in a running service uses it.
export { billFile } from './bill-writer.fixture.js';
