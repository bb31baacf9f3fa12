import { actsQuery, signedActs } from '../http/acts.js';
import {
  ledgerArchivePage,
  ledgerArchiveQuery,
  ledgerConsistency,
  ledgerConsistencyQuery,
  ledgerProof,
} from '../http/ledger-proofs.js';
import { fileTypes, type Call } from './calls.js';

/** Calls whose answers are checked without us: `npm run verify`, docs/proofs.md. */
export const ledgerCalls: readonly Call[] = [
  {
    method: 'get',
    path: '/shops/{shopId}/ledger/proofs/{type}/{id}',
    id: 'proveFact',
    tag: 'ledger',
    summary:
      'The proof that an entry, a posting or a statement stands in the ledger; 409 not-sealed until a head is signed over it',
    answers: { 200: ledgerProof },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/ledger/consistency',
    id: 'proveConsistency',
    tag: 'ledger',
    summary: "The proof that one day's ledger is the beginning of a later day's",
    query: ledgerConsistencyQuery,
    answers: { 200: ledgerConsistency },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/ledger/archive',
    id: 'readLedgerArchive',
    tag: 'ledger',
    summary: 'Sealed blocks with every fact in them, page by page, for npm run export-ledger',
    query: ledgerArchiveQuery,
    answers: { 200: ledgerArchivePage },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/acts/{service}',
    id: 'listActs',
    tag: 'ledger',
    summary: 'What people did for a shop in one service, page by page, each signed by it',
    query: actsQuery,
    answers: { 200: signedActs },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/audit-packages/{month}',
    id: 'downloadAuditPackage',
    tag: 'ledger',
    summary:
      "A month's audit package, for npm run audit-package: ledger, totals, differences, alerts, acts and accesses under one signed manifest; 409 month-not-over, not-sealed",
    answers: { 200: fileTypes.ndjson },
  },
];
