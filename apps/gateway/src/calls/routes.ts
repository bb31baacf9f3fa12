import { alertQuery, alertSchema, apiCalls, pageOf, type Call } from '@qingfen/contracts';
import type { Role, ServiceName } from '@qingfen/security';
import { permissions } from './permissions.js';
import type { Route } from './route.js';

const { read, act, decide, configure, tryCredentials, tryPlans, stop } = permissions;

/** Answered only when the broker has acknowledged what was written. */
const publishingMs = 10_000;
/** Alipay is asked, or a send that has begun is waited for. */
const alipayMs = 20_000;
/** A payee or a plan that was just put may still be on its way. */
const findingMs = 8_000;
/** Whoever raised an alert is told first. */
const tellingMs = 8_000;
/** A plan is tried on months of orders. */
const simulatingMs = 60_000;
/** Sums over a whole ledger, or books recomputed. */
const summingMs = 15_000;
/** A stretch of the journal is read and hashed again. */
const verifyingMs = 30_000;
/** Alipay is asked for some pages of the account log, and what stands on the topics is heard. */
const logMs = 120_000;
/** Alipay is asked for the bill, and gives it piece by piece. */
const billMs = 260_000;

type Row = readonly [id: string, service: ServiceName, roles: readonly Role[], timeoutMs?: number];

/** The contract's calls that one service answers alone, by their ids. */
const rows: readonly Row[] = [
  ['publishPlan', 'rules', configure, publishingMs],
  ['listPlans', 'rules', read],
  ['readPlan', 'rules', read],
  ['withdrawPlan', 'rules', configure, publishingMs],
  ['simulatePlan', 'settlement-calculator', tryPlans, simulatingMs],
  ['testAlipay', 'payout', tryCredentials, alipayMs],
  ['readForecast', 'payout', read, summingMs],
  ['listPayouts', 'payout', read],
  ['readPayout', 'payout', read],
  ['approvePayout', 'payout', decide],
  ['rejectPayout', 'payout', decide],
  ['retryPayout', 'payout', act],
  ['cancelPayout', 'payout', act],
  ['listTaxSums', 'payout', read, summingMs],
  ['closePayoutBatch', 'payout', act],
  ['readRisk', 'payout', read],
  ['setRisk', 'payout', configure],
  ['readShopStop', 'payout', read],
  ['setShopStop', 'payout', stop, alipayMs],
  ['readEmergencyStop', 'payout', read],
  ['setEmergencyStop', 'payout', stop, alipayMs],
  ['readOrder', 'settlement-calculator', read],
  ['bindOrder', 'settlement-calculator', act, findingMs],
  ['holdOrder', 'settlement-calculator', act],
  ['releaseOrder', 'settlement-calculator', act],
  ['createAdjustment', 'settlement-calculator', act, findingMs],
  ['createMove', 'settlement-calculator', act, findingMs],
  ['openBalances', 'settlement-calculator', act],
  ['createTaxPayment', 'settlement-calculator', act],
  ['createRecovery', 'settlement-calculator', act, findingMs],
  ['receiveRecovery', 'settlement-calculator', act],
  ['writeOffRecovery', 'settlement-calculator', act],
  ['withdrawRecovery', 'settlement-calculator', act],
  ['listStatements', 'settlement-calculator', read],
  ['readStatement', 'settlement-calculator', read],
  ['listBalances', 'settlement-calculator', read],
  ['readRollout', 'settlement-calculator', read],
  ['setRollout', 'settlement-calculator', configure],
  ['listRuns', 'settlement-calculator', read],
  ['holdRuns', 'settlement-calculator', act],
  ['releaseRuns', 'settlement-calculator', act],
  ['listTrialStatements', 'settlement-calculator', read],
  ['readTrialBalance', 'settlement-calculator', read, summingMs],
  ['verifyLedger', 'settlement-calculator', read, verifyingMs],
  ['proveFact', 'settlement-calculator', read, summingMs],
  ['proveConsistency', 'settlement-calculator', read, summingMs],
  ['readLedgerArchive', 'settlement-calculator', read, verifyingMs],
  ['explainEntry', 'settlement-calculator', read, summingMs],
  ['explainOrder', 'settlement-calculator', read, summingMs],
  ['explainStatement', 'settlement-calculator', read, summingMs],
  ['explainPayout', 'settlement-calculator', read, summingMs],
  ['replayBooks', 'settlement-calculator', read, summingMs],
  ['whyUnpaid', 'settlement-calculator', read, summingMs],
  ['beginReconciliation', 'reconciliation', act, billMs],
  ['readReconciliation', 'reconciliation', read, summingMs],
  ['readOrderClearing', 'reconciliation', read],
  ['lookAtAccountLog', 'reconciliation', act, logMs],
  ['readDailyReport', 'reconciliation', read, summingMs],
  ['listOrderExports', 'reconciliation', read],
  ['listDifferences', 'reconciliation', read],
  ['closeDifference', 'reconciliation', act],
  ['listAlerts', 'notification', read],
  ['acknowledgeAlert', 'notification', act, tellingMs],
];

/** The contract's calls that the gateway answers itself, or from several services. */
const ownCallIds: readonly string[] = [
  'login',
  'refreshLogin',
  'createUser',
  'putShop',
  'readShop',
  'listPlanTemplates',
  'putPayee',
  'readPayee',
  'listPayees',
  'holdPayee',
  'releasePayee',
  'mendPayee',
  'listApprovals',
  'approve',
  'reject',
  'downloadStatementCsv',
  'downloadStatementXlsx',
  'downloadStatementPdf',
  'downloadTaxSumsCsv',
  'downloadReconciliationCsv',
  'downloadReconciliationXlsx',
  'downloadDailyReportCsv',
  'downloadDailyReportXlsx',
  'uploadOrderExport',
  'listActs',
  'downloadAuditPackage',
  'listDeadLetters',
  'replayDeadLetters',
  'readStatus',
  'readClock',
  'moveClock',
];

/** Alerts of all shops, and of none: for who has a role on all of them. */
const everybodysAlerts: Call = {
  method: 'get',
  path: '/alerts',
  id: 'listAllAlerts',
  tag: 'alerts',
  summary: 'Alerts of every shop and of the installation',
  query: alertQuery,
  answers: { 200: pageOf(alertSchema) },
};

/** One of them is acknowledged by who acts on all shops. */
const anybodysAcknowledgement: Call = {
  ...callOf('acknowledgeAlert'),
  path: '/alerts/{alertId}/acknowledge',
  id: 'acknowledgeAnyAlert',
};

/** Calls of services that keep something by shop and do not know which shops there are. */
const ofKnownShops: ReadonlySet<string> = new Set(['readRisk', 'setRisk', 'readForecast']);

/** Every call that is passed on as it is. */
export const routes: readonly Route[] = [
  ...rows.map(([id, service, roles, timeoutMs]) => ({
    call: callOf(id),
    service,
    roles,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(ofKnownShops.has(id) ? { isOfKnownShops: true } : {}),
  })),
  { call: everybodysAlerts, service: 'notification', roles: read },
  {
    call: anybodysAcknowledgement,
    service: 'notification',
    roles: act,
    timeoutMs: tellingMs,
  },
];

/** Ids of the contract's calls, for the API's document: the gateway has them all. */
export const implementedCalls: readonly string[] = [...ownCallIds, ...rows.map(([id]) => id)];

function callOf(id: string): Call {
  const call = apiCalls.find((known) => known.id === id);
  if (call === undefined) throw new Error(`the contract has no call "${id}"`);
  return call;
}
