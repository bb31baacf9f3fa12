export { askBatch, BATCH_STATUSES } from './ask-batch.js';
export type { AskedItem, BatchAnswer, BatchStatus } from './ask-batch.js';
export {
  BATCH_ITEMS_MAX,
  BATCH_METHODS,
  BatchRequestError,
  buildBatchRequest,
} from './batch-request.js';
export type { BatchItem, BatchMode, BatchOrder, StoredBatch } from './batch-request.js';
export { closeBatch, confirmationLink, sendBatch } from './send-batch.js';
export type { BatchOutcome, CloseOutcome } from './send-batch.js';
