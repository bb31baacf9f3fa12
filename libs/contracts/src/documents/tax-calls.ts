import { pageOf } from '../http/paging.js';
import { taxSum, taxSumFileQuery, taxSumQuery } from '../http/tax-sums.js';
import { fileTypes, type Call } from './calls.js';

/** Calls for who reports taxes. */
export const taxCalls: readonly Call[] = [
  {
    method: 'get',
    path: '/shops/{shopId}/tax-sums',
    id: 'listTaxSums',
    tag: 'payouts',
    summary: 'What each payee received in a month, a quarter or a year, by kind',
    query: taxSumQuery,
    answers: { 200: pageOf(taxSum) },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/tax-sums.csv',
    id: 'downloadTaxSumsCsv',
    tag: 'payouts',
    summary: 'The same as CSV, all of them',
    query: taxSumFileQuery,
    answers: { 200: fileTypes.csv },
  },
];
