import { cutText, payeeProblem, readStored } from '@qingfen/alipay';
import type { PayeeAccount } from '@qingfen/alipay';
import { formatAmount } from '@qingfen/money';
import type { Minor } from '@qingfen/money';

export const SETTLE_METHOD = 'alipay.trade.order.settle';

/** One payee's share of a trade. */
export interface SettleLeg {
  readonly payee: PayeeAccount;
  readonly amountMinor: Minor;
}

/** How a trade is to be split. */
export interface SettleOrder {
  /** The merchant whose trade it is. */
  readonly appId: string;
  readonly outRequestNo: string;
  readonly tradeNo: string;
  readonly currency: string;
  /** `sync` succeeds or fails whole; `async` leg by leg. One trade knows one of them only. */
  readonly mode: 'sync' | 'async';
  readonly legs: readonly SettleLeg[];
  /** Nothing of the trade is split after this; what is still frozen is the merchant's. */
  readonly finish: boolean;
  /** Seen by the payees. */
  readonly remark: string;
}

/**
 * The exact request, stored before the first send. `bizContent` goes over the wire byte for byte, at
 * every send.
 */
export interface StoredSettle {
  readonly method: typeof SETTLE_METHOD;
  readonly appId: string;
  readonly outRequestNo: string;
  readonly tradeNo: string;
  readonly bizContent: string;
}

/** A split that Alipay would refuse for its form. */
export class SettleRequestError extends Error {
  override readonly name = 'SettleRequestError';

  constructor(
    readonly field: 'appId' | 'outRequestNo' | 'tradeNo' | 'currency' | 'legs' | 'amount' | 'payee',
    message: string,
  ) {
    super(message);
  }
}

/** Alipay publishes no most; it recommends `async` above five. */
export const SETTLE_LEGS_MAX = 50;
const AMOUNT_MAX_MINOR = 10_000_000_000n;
const DESC_LENGTH_MAX = 256;

const TYPES = {
  ALIPAY_USER_ID: 'userId',
  ALIPAY_LOGON_ID: 'loginName',
  ALIPAY_OPEN_ID: 'openId',
} as const;

/** Alipay's word for how a receiver of a split is named. */
export function receiverType(payee: PayeeAccount): 'userId' | 'loginName' | 'openId' {
  return TYPES[payee.identityType];
}

/**
 * Builds the request for a split (alipay.md 7.2): shares of 0.01 yuan and more; whether they fit
 * under the cap is the caller's to know.
 *
 * @throws SettleRequestError when Alipay would refuse the split for its form.
 */
export function buildSettleRequest(order: SettleOrder): StoredSettle {
  check(order);
  const desc = cutText(order.remark, DESC_LENGTH_MAX);
  const parameters = order.legs.map(({ payee, amountMinor }) => ({
    royalty_type: 'transfer',
    trans_in: payee.identity,
    trans_in_type: receiverType(payee),
    ...(payee.name === undefined || payee.name === '' ? {} : { trans_in_name: payee.name }),
    amount: formatAmount(amountMinor, order.currency),
    royalty_scene: '达人佣金',
    ...(desc === '' ? {} : { desc }),
  }));
  const bizContent = {
    out_request_no: order.outRequestNo,
    trade_no: order.tradeNo,
    ...(parameters.length === 0 ? {} : { royalty_parameters: parameters }),
    ...(order.finish ? { extend_params: { royalty_finish: 'true' } } : {}),
    royalty_mode: order.mode,
  };
  const { appId, outRequestNo, tradeNo } = order;
  const text = JSON.stringify(bizContent);
  return { method: SETTLE_METHOD, appId, outRequestNo, tradeNo, bizContent: text };
}

/** The stored text as an object. @throws Error when it would not go out as it is stored. */
export function readSettleRequest(stored: StoredSettle): Record<string, unknown> {
  const { outRequestNo: number, bizContent } = stored;
  return readStored({ number, numberField: 'out_request_no', bizContent });
}

function check(order: SettleOrder): void {
  const { legs } = order;
  if (order.appId === '')
    throw new SettleRequestError('appId', 'there is no merchant to split for');
  if (!/^[A-Za-z0-9_]{1,64}$/.test(order.outRequestNo)) {
    throw new SettleRequestError('outRequestNo', 'a number has 1 to 64 letters, digits or _');
  }
  if (!/^[A-Za-z0-9]{1,64}$/.test(order.tradeNo)) {
    throw new SettleRequestError('tradeNo', 'a trade’s number has 1 to 64 letters or digits');
  }
  if (order.currency !== 'CNY') {
    throw new SettleRequestError('currency', `Alipay splits CNY, not ${order.currency}`);
  }
  if (legs.length > SETTLE_LEGS_MAX || (legs.length === 0 && !order.finish)) {
    throw new SettleRequestError('legs', `a split has 1 to ${SETTLE_LEGS_MAX} shares, or ends it`);
  }
  for (const { payee, amountMinor } of legs) {
    if (amountMinor < 1n || amountMinor > AMOUNT_MAX_MINOR) {
      throw new SettleRequestError('amount', 'a share is of 0.01 to 100000000.00 yuan');
    }
    const problem = payeeProblem(payee);
    if (problem !== undefined) throw new SettleRequestError('payee', problem);
  }
}
