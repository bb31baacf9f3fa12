export { classify, textIn } from './classify.js';
export type { AlipayFailure, Outcome, RuleOf } from './classify.js';
export { callAlipay, connectAlipay } from './connection.js';
export type { AlipayAnswer, AlipayConnection } from './connection.js';
export { AlipayCredentialError, checkCredentials, readPrivateKey } from './credentials.js';
export type { AlipayCredentials, CheckedCredentials, CredentialField } from './credentials.js';
export { errorRule, isPayeeFault, LISTED_SUB_CODES } from './error-classes.js';
export type { ErrorClass, ErrorRule, Waiting } from './error-classes.js';
export type { Notification } from './notification.js';
export { cutText, payeeInfo, payeeProblem, sceneOf, titleOf } from './payment-words.js';
export type { PayeeAccount, PaymentKind } from './payment-words.js';
export { askAccountLog } from './account-log.js';
export { readAccountLog } from './account-log-span.js';
export type { LoggedMovement, LogReading, WantedLog } from './account-log-span.js';
export { downloadBill } from './bill-download.js';
export type { BillDownload, WantedBill } from './bill-download.js';
export { AlipayReader, amountOrNothing, answerOf, TRANSFER_STATUSES } from './reader.js';
export type {
  BalanceQuery,
  ConnectionTest,
  Evidence,
  FoundTransfer,
  NoAnswer,
  QueryAnswer,
  TransferQuery,
  TransferStatus,
} from './reader.js';
export { notTaken } from './sent.js';
export type { NotTaken } from './sent.js';
export { readStored } from './stored-request.js';
export type { StoredBizContent } from './stored-request.js';
export {
  isRoyaltyPayeeFault,
  LISTED_TRADE_SUB_CODES,
  tradeErrorRule,
} from './trade-error-classes.js';
