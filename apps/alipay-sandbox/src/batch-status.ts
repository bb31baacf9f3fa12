import type { BatchDetail } from './batch-records.js';
import type { Batch } from './batch-room.js';
import type { Transfer } from './transfer-room.js';
import { fen } from './yuan.js';

export type BatchStatus =
  'WAIT_PAY' | 'DEALING' | 'SUCCESS' | 'PART_SUCCESS' | 'FAIL' | 'DISUSE' | 'INVALID';
export type DetailStatus = 'WAIT_PAY' | 'DEALED' | 'SUCCESS' | 'FAIL' | 'DISUSE';

/** A detail as it stands. */
export interface DetailState {
  readonly detail: BatchDetail;
  readonly amountMinor: bigint;
  readonly status: DetailStatus;
  /** The transfer that it became, if it was not refused. */
  readonly transfer: Transfer | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly endedAt: number | null;
}

/** Every detail of a batch, in its order; `parts` are the transfers that were accepted. */
export function detailStates(
  batch: Batch,
  parts: readonly Transfer[],
  at: number,
): readonly DetailState[] {
  const byNumber = new Map(parts.map((part) => [part.record.outBizNo, part]));
  const unpaid = isGone(batch, at) ? 'DISUSE' : 'WAIT_PAY';
  return batch.record.details.map((detail): DetailState => {
    const amountMinor = fen(detail.amount);
    const failure = batch.failures.get(detail.outBizNo);
    const transfer = byNumber.get(detail.outBizNo) ?? null;
    const rest = { detail, amountMinor, transfer, endedAt: null };
    if (failure !== undefined) {
      const { code: errorCode, message: errorMessage, at: endedAt } = failure;
      return { ...rest, status: 'FAIL', errorCode, errorMessage, endedAt };
    }
    if (transfer === null) return { ...rest, status: unpaid, errorCode: null, errorMessage: null };
    const { errorCode, failReason: errorMessage } = transfer;
    const isOpen = transfer.status === 'DEALING';
    const ended = transfer.status === 'FAIL' ? 'FAIL' : 'SUCCESS';
    const endedAt = isOpen ? null : transfer.record.at;
    return { ...rest, status: isOpen ? 'DEALED' : ended, errorCode, errorMessage, endedAt };
  });
}

/** The state of the whole: a batch may have succeeded in part before each detail has ended. */
export function batchStatus(
  batch: Batch,
  details: readonly DetailState[],
  at: number,
): BatchStatus {
  if (batch.state === 'closed') return 'DISUSE';
  if (batch.state === 'waiting') return isGone(batch, at) ? 'INVALID' : 'WAIT_PAY';
  const has = (status: DetailStatus): boolean => details.some((detail) => detail.status === status);
  if (has('DEALED')) return 'DEALING';
  if (!has('FAIL')) return 'SUCCESS';
  return has('SUCCESS') ? 'PART_SUCCESS' : 'FAIL';
}

function isGone({ state, record }: Batch, at: number): boolean {
  return state === 'closed' || (state === 'waiting' && at >= record.expiresAt);
}
