export { classify, textIn } from './classify.js';
export type { AlipayFailure, Outcome } from './classify.js';
export { callAlipay, connectAlipay } from './connection.js';
export type { AlipayAnswer, AlipayConnection } from './connection.js';
export { AlipayCredentialError, checkCredentials, readPrivateKey } from './credentials.js';
export type { AlipayCredentials, CheckedCredentials, CredentialField } from './credentials.js';
export { errorRule, isPayeeFault, LISTED_SUB_CODES } from './error-classes.js';
export type { ErrorClass, ErrorRule, Waiting } from './error-classes.js';
export type { Notification } from './notification.js';
export { AlipayReader, answerOf, TRANSFER_STATUSES } from './reader.js';
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
