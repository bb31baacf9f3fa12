import { isoInstant } from './clock.js';
import { METHODS } from './method-names.js';
import type { Account } from './money.js';
import type { RequestRecord } from './records.js';
import type { Fault } from './settings.js';
import type { SandboxState } from './state.js';
import type { Transfer } from './transfer-room.js';
import { yuan } from './yuan.js';

/** An account and every movement on it. */
export function accountView(account: Account): unknown {
  const { identity, name, status, userId } = account;
  const movements = account.movements.map(({ amountMinor, balanceMinor, at, ...movement }) => ({
    ...movement,
    amount: yuan(amountMinor),
    balance: yuan(balanceMinor),
    at: isoInstant(at),
  }));
  return { identity, name, balance: yuan(account.balanceMinor), status, userId, movements };
}

/** What really moved: a transfer by itself, a detail of a batch, or a leg of a split. */
export function transferView(transfer: Transfer, state: SandboxState): unknown {
  const { record, status, returns } = transfer;
  const { appId, outBizNo, identity, identityType, name, amount, orderId, title, remark } = record;
  const { way = 'transfer', partOf, tradeNo } = record;
  return {
    appId,
    way,
    outBizNo,
    identity,
    identityType,
    name,
    amount,
    status,
    orderId,
    title,
    remark,
    at: isoInstant(record.at),
    attempts: attemptsOf(transfer, state),
    ...(partOf === undefined ? {} : { partOf }),
    ...(tradeNo === undefined ? {} : { tradeNo }),
    ...(returns.length === 0
      ? {}
      : { returns: returns.map(({ amount, outRequestNo }) => ({ amount, outRequestNo })) }),
  };
}

const ASKING: Readonly<Record<'transfer' | 'batch' | 'royalty', readonly string[]>> = {
  transfer: [METHODS.transfer.method],
  batch: [METHODS.batch.method, METHODS['batch-transfer'].method],
  royalty: [METHODS.settle.method],
};

/** How often it was asked for, by requests that were signed as they should be. */
function attemptsOf({ record }: Transfer, state: SandboxState): number {
  const { appId, outBizNo, way = 'transfer', partOf } = record;
  const batch = way === 'batch' ? state.batches.byBatchTransId(partOf ?? '') : undefined;
  return state.requests
    .of(batch?.record.outBatchNo ?? outBizNo)
    .filter((request) => request.appId === appId && request.verified)
    .filter((request) => ASKING[way].includes(request.method ?? '')).length;
}

/** A request, with its instants readable. */
export function requestView(request: RequestRecord): unknown {
  const { t: _kind, at, realAt, ...rest } = request;
  return { at: isoInstant(at), realAt: isoInstant(realAt), ...rest };
}

/** A fault: how often it may still hit, and how often it has. */
export function faultView({ record, left, hits }: Fault): unknown {
  const { t: _kind, id, fault, ...rest } = record;
  return { id, fault, left, hits, ...rest };
}
