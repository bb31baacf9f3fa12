import { cutText, payeeInfo, payeeProblem, sceneOf, titleOf } from '@qingfen/alipay';
import type { PayeeAccount, PaymentKind } from '@qingfen/alipay';
import { formatAmount } from '@qingfen/money';
import type { Minor } from '@qingfen/money';

export const TRANSFER_METHOD = 'alipay.fund.trans.uni.transfer';

/** What is to be paid, to whom and why. */
export interface TransferOrder {
  /** The merchant that pays. */
  readonly appId: string;
  readonly outBizNo: string;
  readonly amountMinor: Minor;
  readonly currency: string;
  readonly kind: PaymentKind;
  readonly payee: PayeeAccount;
  /** Shown in the payee's bill; the kind's own title where absent. */
  readonly title?: string | undefined;
  /** Seen by both sides; the title where empty. */
  readonly remark: string;
}

/**
 * The exact request, stored before the first send. `bizContent` is the text that goes over the
 * wire,
 * byte for byte, at every send.
 */
export interface StoredRequest {
  readonly method: typeof TRANSFER_METHOD;
  readonly appId: string;
  readonly outBizNo: string;
  readonly productCode: 'TRANS_ACCOUNT_NO_PWD';
  readonly bizScene: 'DIRECT_TRANSFER';
  /** Yuan with two decimals. */
  readonly amountText: string;
  readonly bizContent: string;
}

/** An order that Alipay would refuse for its form. */
export class TransferRequestError extends Error {
  override readonly name = 'TransferRequestError';

  constructor(
    readonly field: 'outBizNo' | 'amount' | 'currency' | 'payee' | 'appId',
    message: string,
  ) {
    super(message);
  }
}

const AMOUNT_MIN_MINOR = 10n;
const AMOUNT_MAX_MINOR = 10_000_000_000n;
const TITLE_LENGTH_MAX = 128;
const REMARK_LENGTH_MAX = 200;

/**
 * Builds the request for a transfer to an Alipay account (alipay.md 3.1). Title and remark are cut
 * to
 * what Alipay takes, without control characters; a remark is always there, and so are the scene and
 * its report.
 *
 * @throws TransferRequestError when Alipay would refuse the order for its form.
 */
export function buildTransferRequest(order: TransferOrder): StoredRequest {
  check(order);
  const title = cutText(order.title ?? '', TITLE_LENGTH_MAX) || titleOf(order.kind);
  const remark = cutText(order.remark, REMARK_LENGTH_MAX) || title;
  const amountText = formatAmount(order.amountMinor, order.currency);
  const productCode = 'TRANS_ACCOUNT_NO_PWD';
  const bizScene = 'DIRECT_TRANSFER';
  const bizContent = {
    out_biz_no: order.outBizNo,
    trans_amount: amountText,
    product_code: productCode,
    biz_scene: bizScene,
    order_title: title,
    payee_info: payeeInfo(order.payee),
    remark,
    ...sceneOf(order.kind, remark),
  };
  return {
    method: TRANSFER_METHOD,
    appId: order.appId,
    outBizNo: order.outBizNo,
    productCode,
    bizScene,
    amountText,
    bizContent: JSON.stringify(bizContent),
  };
}

function check(order: TransferOrder): void {
  const { amountMinor, payee } = order;
  if (order.appId === '') throw new TransferRequestError('appId', 'there is no merchant to pay');
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(order.outBizNo)) {
    throw new TransferRequestError('outBizNo', 'a number has 1 to 64 letters, digits, - or _');
  }
  if (order.currency !== 'CNY') {
    throw new TransferRequestError('currency', `Alipay transfers CNY, not ${order.currency}`);
  }
  if (amountMinor < AMOUNT_MIN_MINOR || amountMinor > AMOUNT_MAX_MINOR) {
    throw new TransferRequestError('amount', 'a transfer is of 0.10 to 100000000.00 yuan');
  }
  const problem = payeeProblem(payee);
  if (problem !== undefined) throw new TransferRequestError('payee', problem);
}
