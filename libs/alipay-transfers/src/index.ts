export { sendTransfer } from './send-transfer.js';
export type { SendOutcome } from './send-transfer.js';
export { buildTransferRequest, TRANSFER_METHOD, TransferRequestError } from './transfer-request.js';
export type { StoredRequest, TransferOrder } from './transfer-request.js';
