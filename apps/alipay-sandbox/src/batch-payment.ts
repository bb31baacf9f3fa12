import type { BatchDetail, BatchRecord } from './batch-records.js';
import { batchNotification } from './batch-notification.js';
import { DetailFaults } from './detail-faults.js';
import { fateOf } from './faults.js';
import type { Merchant } from './money.js';
import { againstLimits, againstPayee } from './payee-checks.js';
import type { BookRecord, Fate, FaultRecord, TransferRecord } from './records.js';
import { refusal } from './refusals.js';
import type { SandboxState } from './state.js';
import { orderIds } from './transfer-decision.js';
import { fen } from './yuan.js';

/** What paying a batch comes to: money of each detail by itself, or why not. */
export function payBatch(
  state: SandboxState,
  merchant: Merchant,
  batch: BatchRecord,
  at: number,
): readonly BookRecord[] {
  const { batchTransId } = batch;
  const { appId } = merchant.terms;
  const faults = new DetailFaults(state, appId, 'batch-detail');
  const received = new Map<string, bigint>();
  const records: BookRecord[] = [{ t: 'batch-paid', batchTransId, at }];
  let payerMinor = 0n;
  let accepted = 0;
  for (const detail of batch.details) {
    const fault = faults.take(detail.outBizNo, detail.identity);
    const amountMinor = fen(detail.amount);
    const payee = state.money.accountOf(detail.identity).identity;
    const taken = { payerMinor, payeeMinor: received.get(payee) ?? 0n };
    const payment = { merchant, identity: detail.identity, name: detail.name, amountMinor, at };
    const errorCode =
      refusedBy(fault) ?? againstPayee(state, payment) ?? againstLimits(state, payment, taken);
    if (errorCode !== undefined) {
      records.push(failed(batchTransId, detail, errorCode, at));
      continue;
    }
    accepted += 1;
    payerMinor += amountMinor;
    received.set(payee, taken.payeeMinor + amountMinor);
    const howManieth = state.transfers.all.length + accepted;
    records.push(...paid(batch, detail, at, howManieth, fault && fateOf(fault)));
  }
  return [
    ...records,
    ...batchNotification(state, merchant.terms, batch, records, at),
    ...faults.hits(),
  ];
}

function refusedBy(fault: FaultRecord | undefined): string | undefined {
  return fault?.fault === 'sub-code' ? (fault.subCode ?? undefined) : undefined;
}

function failed(
  batchTransId: string,
  { outBizNo }: BatchDetail,
  errorCode: string,
  at: number,
): BookRecord {
  const message = refusal(errorCode)['sub_msg'];
  const errorMessage = typeof message === 'string' ? message : errorCode;
  return { t: 'batch-detail-failed', batchTransId, outBizNo, errorCode, errorMessage, at };
}

function paid(
  batch: BatchRecord,
  detail: BatchDetail,
  at: number,
  howManieth: number,
  fate: Fate | null = null,
): BookRecord[] {
  const { outBizNo, identity, identityType, name, amount, title, remark, passbackParams } = detail;
  const record: TransferRecord = {
    t: 'transfer',
    way: 'batch',
    partOf: batch.batchTransId,
    appId: batch.appId,
    productCode: batch.productCode,
    bizScene: batch.bizScene,
    outBizNo,
    identity,
    identityType,
    name,
    amount,
    status: fate === null || fate.becomes === 'REFUND' ? 'SUCCESS' : 'DEALING',
    ...orderIds(howManieth, at),
    title,
    remark,
    passbackParams,
    at,
    digest: batch.digest,
    fate,
  };
  return [record];
}
