import { cutText, payeeInfo, payeeProblem, readStored, sceneOf, titleOf } from '@qingfen/alipay';
import type { PayeeAccount, PaymentKind } from '@qingfen/alipay';
import { formatAmount, minor } from '@qingfen/money';
import type { Minor } from '@qingfen/money';

/** How a batch comes to be paid: by the payer's confirmation, or at once. */
export const BATCH_METHODS = {
  confirmed: 'alipay.fund.batch.create',
  direct: 'alipay.fund.batch.uni.transfer',
} as const;
export type BatchMode = keyof typeof BATCH_METHODS;

/** Alipay's names of what is asked for, in every call about a batch. */
export const BATCH_WAY = {
  product_code: 'BATCH_API_TO_ACC',
  biz_scene: 'MESSAGE_BATCH_PAY',
} as const;

/** One payment of a batch. */
export interface BatchItem {
  readonly outBizNo: string;
  readonly amountMinor: Minor;
  readonly payee: PayeeAccount;
  /** Seen by both sides; the batch's title where empty. */
  readonly remark: string;
}

/** What is to be paid, to whom and why: all of one kind. */
export interface BatchOrder {
  /** The merchant that pays. */
  readonly appId: string;
  readonly outBatchNo: string;
  readonly currency: string;
  readonly kind: PaymentKind;
  readonly mode: BatchMode;
  readonly items: readonly BatchItem[];
  /** Shown to the payer; the kind's own title where absent. */
  readonly title?: string | undefined;
}

/**
 * The exact request, stored before the first send. `bizContent` goes over the wire byte for byte, at
 * every send.
 */
export interface StoredBatch {
  readonly method: (typeof BATCH_METHODS)[BatchMode];
  readonly appId: string;
  readonly outBatchNo: string;
  /** Yuan with two decimals. */
  readonly totalText: string;
  readonly bizContent: string;
}

/** A batch that Alipay would refuse for its form. */
export class BatchRequestError extends Error {
  override readonly name = 'BatchRequestError';

  constructor(
    readonly field: 'appId' | 'outBatchNo' | 'currency' | 'items' | 'outBizNo' | 'amount' | 'payee',
    message: string,
  ) {
    super(message);
  }
}

export const BATCH_ITEMS_MAX = 1000;
const AMOUNT_MIN_MINOR = 100n;
const AMOUNT_MAX_MINOR = 10_000_000_000n;
const TITLE_LENGTH_MAX = 64;
const REMARK_LENGTH_MAX = 200;

/**
 * Builds the request for a batch (alipay.md 6): details of 1.00 to 100,000,000.00 yuan, their sum
 * and count beside them, the scene and its report once for all of it.
 *
 * @throws BatchRequestError when Alipay would refuse the batch for its form.
 */
export function buildBatchRequest(order: BatchOrder): StoredBatch {
  check(order);
  const title = cutText(order.title ?? '', TITLE_LENGTH_MAX) || titleOf(order.kind);
  const totalMinor = minor(order.items.reduce((sum, item) => sum + item.amountMinor, 0n));
  const totalText = formatAmount(totalMinor, order.currency);
  const bizContent = {
    out_batch_no: order.outBatchNo,
    ...BATCH_WAY,
    order_title: title,
    total_trans_amount: totalText,
    total_count: String(order.items.length),
    trans_order_list: order.items.map((item) => ({
      out_biz_no: item.outBizNo,
      trans_amount: formatAmount(item.amountMinor, order.currency),
      order_title: title,
      payee_info: payeeInfo(item.payee),
      remark: cutText(item.remark, REMARK_LENGTH_MAX) || title,
    })),
    remark: title,
    ...scene(order, title),
  };
  return {
    method: BATCH_METHODS[order.mode],
    appId: order.appId,
    outBatchNo: order.outBatchNo,
    totalText,
    bizContent: JSON.stringify(bizContent),
  };
}

/** The stored text as an object. @throws Error when it would not go out as it is stored. */
export function readBatchRequest({ outBatchNo, bizContent }: StoredBatch): Record<string, unknown> {
  return readStored({ number: outBatchNo, numberField: 'out_batch_no', bizContent });
}

/** The model of `uni.transfer` has one report by itself, that of `create` a list of them. */
function scene(order: BatchOrder, title: string): object {
  const { transfer_scene_name, transfer_scene_report_infos } = sceneOf(order.kind, title);
  const [report] = transfer_scene_report_infos;
  const reports = order.mode === 'direct' ? report : transfer_scene_report_infos;
  return { transfer_scene_name, transfer_scene_report_infos: reports };
}

function check(order: BatchOrder): void {
  const { items } = order;
  if (order.appId === '') throw new BatchRequestError('appId', 'there is no merchant to pay');
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(order.outBatchNo)) {
    throw new BatchRequestError('outBatchNo', 'a batch number has 1 to 32 letters, digits, - or _');
  }
  if (order.currency !== 'CNY') {
    throw new BatchRequestError('currency', `Alipay pays CNY, not ${order.currency}`);
  }
  if (items.length === 0 || items.length > BATCH_ITEMS_MAX) {
    throw new BatchRequestError('items', `a batch has 1 to ${BATCH_ITEMS_MAX} payments`);
  }
  if (new Set(items.map(({ outBizNo }) => outBizNo)).size !== items.length) {
    throw new BatchRequestError('outBizNo', 'a number stands for one payment of a batch');
  }
  for (const item of items) checkItem(item);
}

function checkItem({ outBizNo, amountMinor, payee }: BatchItem): void {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(outBizNo)) {
    throw new BatchRequestError('outBizNo', 'a number has 1 to 64 letters, digits, - or _');
  }
  if (amountMinor < AMOUNT_MIN_MINOR || amountMinor > AMOUNT_MAX_MINOR) {
    throw new BatchRequestError('amount', 'a payment of a batch is of 1.00 to 100000000.00 yuan');
  }
  const problem = payeeProblem(payee);
  if (problem !== undefined) throw new BatchRequestError('payee', problem);
}
