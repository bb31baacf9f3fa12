import { gatewayRule, rulesOf } from './error-classes.js';
import type { ErrorRow, ErrorRule } from './error-classes.js';

/**
 * Sub-codes of trades, their splits (`trade.order.settle`), refunds and royalty relations. Sources:
 * error enums of alipay-sdk-php-all d95249a32 (2025-12-16) and the official rules of order.settle
 * (a time-out, SYSTEM_ERROR and TRADE_SETTLE_ERROR say nothing: repeat the same request), both as in
 * alipay.md 7, read 2026-11. Classes without an official solution are inferred, the careful way.
 * Protocol v2 writes them with `ACQ.` before them, but for relations; they are listed without.
 */
const ROWS: readonly ErrorRow[] = [
  // The outcome is open: the same request again tells.
  { class: 'Q', codes: 'SYSTEM_ERROR TRADE_SETTLE_ERROR REFUND_CHARGE_ERROR' },
  { class: 'Q', codes: 'ENTERPRISE_PAY_BIZ_ERROR' },
  { class: 'Q', isConflict: true, codes: 'DISCORDANT_REPEAT_REQUEST DUP_OUT_REQUEST_NO' },
  // Nothing moved; the same request later.
  { class: 'S', waitsFor: 'rate', codes: 'FREQUENCY_LIMITED' },
  {
    class: 'S',
    waitsFor: 'funds',
    codes: 'TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH SELLER_BALANCE_NOT_ENOUGH',
  },
  {
    class: 'S',
    waitsFor: 'payee',
    // ROYALTY_RECEIVER_INVALID: the receiver is not bound; once bound, the same request works.
    codes:
      'ROYALTY_RECEIVER_INVALID ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY RECEIVER_ACCOUNT_NOT_CERTIFY',
  },
  // Another request, or another way, is needed.
  {
    class: 'N',
    codes:
      'INVALID_PARAMETER TRADE_NOT_EXIST TRADE_STATUS_ERROR REASON_TRADE_STATUS_INVALID ' +
      'ALLOC_AMOUNT_VALIDATE_ERROR ILLEGAL_SETTLE_STATE SETTLE_ENTITY_ID_INVALID ' +
      'SETTLE_TO_CARD_NOT_SUPPORT REPLENISH_ACCOUNT_INVALID INVALID_REPLENISH_AMOUNT ' +
      'ASYNC_ALLOC_NOT_SUPPORT_IN_PERIOD SECONDARY_MERCHANT_ID_INVALID ' +
      'MUST_ALLOC_FROM_ROOT_ACCOUNT UN_SUPPORT_BIZ_TYPE ILLEGAL_REQUEST ' +
      'SETTLE_SCENE_NOT_SUPPORT ALLOC_REFUSE_BEFORE_SETTLE ALLOC_REFUSE_AFTER_REFUND ' +
      'ALREADY_FINISH_ALLOC REFUND_AMT_NOT_EQUAL_TOTAL TRADE_HAS_FINISHED TRADE_HAS_CLOSE ' +
      'TRADE_NOT_ALLOW_REFUND REFUND_FEE_ERROR RECEIVER_LIST_EMPTY RECEIVER_LIST_OVERLOAD ' +
      'INVALID_RECEIVER_TYPE MERCHANT_TRADE_NOT_MATCH',
  },
  // Another account of the payee is needed.
  {
    class: 'N',
    payeeFault: true,
    codes:
      'USER_LOGONID_DUP ROYALTY_ACCOUNT_NOT_EXIST ROYALTY_ACCOUNT_INVALID ROYALTY_ACCOUNTS_EQUAL ' +
      'ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE ' +
      'ROYALTY_ACCOUNT_NAME_NOT_MATCH REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST USER_NOT_EXIST ' +
      'USERNAME_NOT_MATCH RECEIVER_ACCOUNT_NO_BALANCE RECEIVER_ACCOUNT_STATE_INVALID ' +
      'OPENID_APPID_NOT_MATCH',
  },
  // The shop's own account, contract or configuration.
  {
    class: 'C',
    codes:
      'PARTNER_ERROR CUSTOMER_VALIDATE_ERROR USER_ACCOUNT_HAD_FREEZEN NOT_SUPPORT_ROYALTY ' +
      'ROYALTY_PAYER_ACCOUNT_NOT_EXIST ROYALTY_PAYER_ACCOUNT_NOT_CERTIFY ' +
      'ROYALTY_PAYER_ACCOUNT_NO_BALANCE ACCESS_FORBIDDEN REFUNDALLOC_UNAUTH_LIMIT PRODUCT_UNSIGN ' +
      'RELATION_QUANTITY_LIMIT',
  },
  // Risk.
  { class: 'R', codes: 'MERCHANT_RISK_LIMIT' },
];

const BY_SUB_CODE = rulesOf(ROWS);

/** Every sub-code of trades that is listed, as often as it is listed, without `ACQ.`. */
export const LISTED_TRADE_SUB_CODES: readonly string[] = ROWS.flatMap((row) =>
  row.codes.split(' '),
);

/** The rule for what Alipay answered about a trade; undefined for a code that is not listed. */
export function tradeErrorRule(code: string, subCode: string | null): ErrorRule | undefined {
  if (code !== '40004') return gatewayRule(code);
  return subCode === null ? undefined : BY_SUB_CODE.get(withoutPrefix(subCode));
}

/** Whether this sub-code, of an answer or of a split's leg, blames the payee's account. */
export function isRoyaltyPayeeFault(subCode: string | null): boolean {
  return subCode !== null && (BY_SUB_CODE.get(withoutPrefix(subCode))?.payeeFault ?? false);
}

function withoutPrefix(subCode: string): string {
  return subCode.replace(/^ACQ\./, '');
}
