import type { Merchant } from './money.js';
import type { SandboxState } from './state.js';
import type { SettleRecord } from './trade-records.js';
import type { Transfer } from './transfer-room.js';
import { fen } from './yuan.js';

/** One movement of a split: to a payee, or back with a refund. */
export interface RoyaltyDetail {
  readonly operation: 'transfer' | 'transfer_refund';
  readonly isReturn: boolean;
  readonly detailId: string;
  readonly userId: string;
  readonly amountMinor: bigint;
  readonly at: number;
  readonly state: 'SUCCESS' | 'FAIL' | 'PROCESSING';
  readonly errorCode: string | null;
  readonly errorText: string | null;
  /** The refund that it went back with. */
  readonly refundNo: string | null;
}

/** Every movement of these splits, oldest split first. */
export function royaltyDetails(
  state: SandboxState,
  appId: string,
  settles: readonly SettleRecord[],
): { readonly merchant: Merchant; readonly details: readonly RoyaltyDetail[] } {
  const merchant = state.money.merchants.get(appId);
  if (merchant === undefined) throw new Error(`the book splits for ${appId}, never put`);
  const legs = settles.flatMap(({ settleNo }) => state.transfers.partsOf(settleNo));
  return { merchant, details: legs.flatMap(detailsOf) };
}

/** A leg and what came back of it. */
export function detailsOf(leg: Transfer): RoyaltyDetail[] {
  const { record, account, status, errorCode, failReason } = leg;
  const { orderId: detailId } = record;
  const { userId } = account;
  const ended = status === 'SUCCESS' ? 'SUCCESS' : 'FAIL';
  const out: RoyaltyDetail = {
    operation: 'transfer',
    isReturn: false,
    detailId,
    userId,
    amountMinor: leg.amountMinor,
    at: record.at,
    state: status === 'DEALING' ? 'PROCESSING' : ended,
    errorCode,
    errorText: failReason,
    refundNo: null,
  };
  const returns = leg.returns.map(({ amount, at, outRequestNo }): RoyaltyDetail => ({
    ...out,
    operation: 'transfer_refund',
    isReturn: true,
    amountMinor: fen(amount),
    at,
    refundNo: outRequestNo,
  }));
  return [out, ...returns];
}

/** What a payee still has of a leg. */
export function keptMinor({ amountMinor, returns, status }: Transfer): bigint {
  if (status !== 'SUCCESS') return 0n;
  return returns.reduce((left, { amount }) => left - fen(amount), amountMinor);
}
