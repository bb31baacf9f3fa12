import {
  entryExplained,
  explanationQuery,
  orderExplained,
  payoutExplained,
  replayPage,
  statementExplained,
} from '../http/explanations.js';
import { whyUnpaid, whyUnpaidQuery } from '../http/why-unpaid.js';
import type { Call } from './calls.js';

/** Calls that recompute what is booked from its facts, and tell why somebody was not paid. */
export const explanationCalls: readonly Call[] = [
  {
    method: 'get',
    path: '/shops/{shopId}/explanations/entries/{entryId}',
    id: 'explainEntry',
    tag: 'explanations',
    summary: 'An entry recomputed from its facts and compared with what is booked',
    query: explanationQuery,
    answers: { 200: entryExplained },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/explanations/orders/{orderId}',
    id: 'explainOrder',
    tag: 'explanations',
    summary: 'All entries of an order recomputed from its facts and compared',
    answers: { 200: orderExplained },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/explanations/statements/{statementId}',
    id: 'explainStatement',
    tag: 'explanations',
    summary:
      'A statement: why it was issued, of which entries, in how many parts; entries by pages',
    query: explanationQuery,
    answers: { 200: statementExplained },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/explanations/payouts/{payoutId}',
    id: 'explainPayout',
    tag: 'explanations',
    summary: 'A payout: its statement, what has become of it and why; entries by pages',
    query: explanationQuery,
    answers: { 200: payoutExplained },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/explanations/replay',
    id: 'replayBooks',
    tag: 'explanations',
    summary: "A page of the shop's books recomputed from facts and compared",
    query: explanationQuery,
    answers: { 200: replayPage },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/payees/{payeeId}/why-unpaid',
    id: 'whyUnpaid',
    tag: 'explanations',
    summary: 'Why a payee was not paid, and when it will be',
    query: whyUnpaidQuery,
    answers: { 200: whyUnpaid },
  },
];
