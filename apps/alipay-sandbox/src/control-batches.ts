import { payBatch } from './batch-payment.js';
import type { Batch } from './batch-room.js';
import { batchStatus, detailStates } from './batch-status.js';
import { isoInstant } from './clock.js';
import { availableMinor } from './money.js';
import { Problem } from './problem.js';
import type { World } from './world.js';
import { fen, yuan } from './yuan.js';

/** A batch and what has become of each detail. */
export function batchView(world: World, batch: Batch): Record<string, unknown> {
  const { appId, outBatchNo, batchTransId, title, total, at, expiresAt } = batch.record;
  const nowMs = world.clock.nowMs();
  const details = detailStates(batch, world.state.transfers.partsOf(batchTransId), nowMs);
  return {
    appId,
    outBatchNo,
    batchTransId,
    title,
    total,
    status: batchStatus(batch, details, nowMs),
    at: isoInstant(at),
    expiresAt: isoInstant(expiresAt),
    details: details.map(({ detail, status, errorCode, amountMinor }) => ({
      outBizNo: detail.outBizNo,
      identity: detail.identity,
      amount: yuan(amountMinor),
      status,
      errorCode,
    })),
  };
}

/**
 * Plays the payer who confirms a batch: each detail is paid, or refused, by itself.
 *
 * @throws Problem when there is no such batch, it waits no more, or the balance is too small.
 */
export async function confirmBatch(world: World, batchTransId: string): Promise<Batch> {
  const { state, clock } = world;
  const batch = batchNamed(world, batchTransId);
  const status = batchStatus(batch, [], clock.nowMs());
  if (status !== 'WAIT_PAY' || batch.state !== 'waiting') {
    throw new Problem(409, 'not-waiting', `batch ${batchTransId} does not wait for anybody`);
  }
  const merchant = state.money.merchants.get(batch.record.appId);
  if (merchant === undefined) throw new Error(`${batch.record.appId} has a batch and is not there`);
  if (availableMinor(merchant) < fen(batch.record.total)) {
    throw new Problem(409, 'balance-not-enough', `the payer has less than ${batch.record.total}`);
  }
  await world.commit(payBatch(state, merchant, batch.record, clock.nowMs()));
  return batch;
}

/** @throws Problem when there is no such batch. */
export function batchNamed({ state }: World, batchTransId: string): Batch {
  const batch = state.batches.byBatchTransId(batchTransId);
  if (batch === undefined) {
    throw new Problem(404, 'not-found', `there is no batch ${batchTransId}`);
  }
  return batch;
}
