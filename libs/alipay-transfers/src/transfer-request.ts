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
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly payee: {
    readonly identityType: 'ALIPAY_LOGON_ID' | 'ALIPAY_USER_ID' | 'ALIPAY_OPEN_ID';
    readonly identity: string;
    /** Checked by Alipay against the account; required for a log-in id. */
    readonly name?: string | undefined;
  };
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

const KINDS = {
  commission: { title: '佣金结算', scene: '佣金报酬', infoType: '佣金报酬说明' },
  'team-reward': { title: '团队奖励金结算', scene: '佣金报酬', infoType: '佣金报酬说明' },
  supplier: { title: '供应商货款结算', scene: '业务结算', infoType: '结算款项名称' },
} as const;

const AMOUNT_MIN_MINOR = 10n;
const AMOUNT_MAX_MINOR = 10_000_000_000n;
const TITLE_LENGTH_MAX = 128;
const REMARK_LENGTH_MAX = 200;
const REPORT_LENGTH_MAX = 64;

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
  const { title: kindTitle, scene, infoType } = KINDS[order.kind];
  const title = cut(order.title ?? '', TITLE_LENGTH_MAX) || kindTitle;
  const remark = cut(order.remark, REMARK_LENGTH_MAX) || title;
  const amountText = formatAmount(order.amountMinor, order.currency);
  const { identity, identityType, name } = order.payee;
  const productCode = 'TRANS_ACCOUNT_NO_PWD';
  const bizScene = 'DIRECT_TRANSFER';
  const bizContent = {
    out_biz_no: order.outBizNo,
    trans_amount: amountText,
    product_code: productCode,
    biz_scene: bizScene,
    order_title: title,
    payee_info: {
      identity,
      identity_type: identityType,
      ...(name === undefined || name === '' ? {} : { name }),
    },
    remark,
    transfer_scene_name: scene,
    transfer_scene_report_infos: [
      { info_type: infoType, info_content: cut(remark, REPORT_LENGTH_MAX) },
    ],
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
  if (payee.identity === '' || payee.identity.length > 128) {
    throw new TransferRequestError('payee', 'the payee’s identity has 1 to 128 characters');
  }
  if (payee.identityType === 'ALIPAY_LOGON_ID' && (payee.name ?? '') === '') {
    throw new TransferRequestError('payee', 'a payee with a log-in id needs a name');
  }
}

/**
 * Without control characters and halves of characters, at most so many UTF-16 units, no half cut.
 */
function cut(text: string, lengthMax: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  let kept = '';
  for (const character of clean) {
    if (kept.length + character.length > lengthMax) break;
    kept += character;
  }
  return kept.trimEnd();
}
