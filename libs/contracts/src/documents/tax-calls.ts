import { pageOf } from '../http/paging.js';
import { approvalWanted } from '../http/money.js';
import {
  taxPayment,
  taxPaymentBody,
  taxSum,
  taxSumFileQuery,
  taxSumQuery,
} from '../http/tax-sums.js';
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
  {
    method: 'post',
    path: '/shops/{shopId}/tax-payments',
    id: 'createTaxPayment',
    tag: 'balances',
    summary: 'What was withheld is paid to the tax office: book it',
    body: taxPaymentBody,
    answers: { 201: taxPayment, 202: approvalWanted },
  },
];
