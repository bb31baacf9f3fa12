import type { BatchBookRecord, BatchRecord } from './batch-records.js';

export interface Batch {
  readonly record: BatchRecord;
  state: 'waiting' | 'paid' | 'closed';
  paidAt: number | null;
  /** Details that were refused, by their numbers; all others of a paid batch are transfers. */
  readonly failures: Map<string, { code: string; message: string; at: number }>;
}

/** Batches of payments, in order of their acceptance. */
export class BatchRoom {
  readonly all: Batch[] = [];
  readonly #byKey = new Map<string, Batch>();
  readonly #byId = new Map<string, Batch>();
  /** Where each detail's number stands last. */
  readonly #byDetail = new Map<string, Batch>();

  byOutBatchNo(appId: string, outBatchNo: string): Batch | undefined {
    return this.#byKey.get(batchKey(appId, outBatchNo));
  }

  byBatchTransId(batchTransId: string): Batch | undefined {
    return this.#byId.get(batchTransId);
  }

  /** The last batch with this detail. */
  byDetailNo(appId: string, outBizNo: string): Batch | undefined {
    return this.#byDetail.get(batchKey(appId, outBizNo));
  }

  apply(record: BatchBookRecord): void {
    switch (record.t) {
      case 'batch':
        return this.#open(record);
      case 'batch-paid': {
        const batch = this.#known(record.batchTransId);
        batch.state = 'paid';
        batch.paidAt = record.at;
        return;
      }
      case 'batch-closed':
        this.#known(record.batchTransId).state = 'closed';
        return;
      case 'batch-detail-failed': {
        const { outBizNo, errorCode: code, errorMessage: message, at } = record;
        this.#known(record.batchTransId).failures.set(outBizNo, { code, message, at });
        return;
      }
    }
  }

  #open(record: BatchRecord): void {
    const batch: Batch = { record, state: 'waiting', paidAt: null, failures: new Map() };
    this.all.push(batch);
    this.#byKey.set(batchKey(record.appId, record.outBatchNo), batch);
    this.#byId.set(record.batchTransId, batch);
    for (const { outBizNo } of record.details) {
      this.#byDetail.set(batchKey(record.appId, outBizNo), batch);
    }
  }

  #known(batchTransId: string): Batch {
    const batch = this.#byId.get(batchTransId);
    if (batch === undefined) throw new Error(`the book names the unknown batch ${batchTransId}`);
    return batch;
  }
}

function batchKey(appId: string, number: string): string {
  return JSON.stringify([appId, number]);
}
