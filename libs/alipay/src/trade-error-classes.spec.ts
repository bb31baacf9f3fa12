import { describe, expect, it } from '@jest/globals';

import { classify } from './classify.js';
import {
  isRoyaltyPayeeFault,
  LISTED_TRADE_SUB_CODES,
  tradeErrorRule,
} from './trade-error-classes.js';

/** Every sub-code of alipay.md 7, sorted: copied from there, not from the table under test. */
const DOCUMENTED = `
  ACCESS_FORBIDDEN ALLOC_AMOUNT_VALIDATE_ERROR ALLOC_REFUSE_AFTER_REFUND
  ALLOC_REFUSE_BEFORE_SETTLE ALREADY_FINISH_ALLOC ASYNC_ALLOC_NOT_SUPPORT_IN_PERIOD
  CUSTOMER_VALIDATE_ERROR DISCORDANT_REPEAT_REQUEST DUP_OUT_REQUEST_NO
  ENTERPRISE_PAY_BIZ_ERROR FREQUENCY_LIMITED ILLEGAL_REQUEST ILLEGAL_SETTLE_STATE
  INVALID_PARAMETER INVALID_RECEIVER_TYPE INVALID_REPLENISH_AMOUNT MERCHANT_RISK_LIMIT
  MERCHANT_TRADE_NOT_MATCH MUST_ALLOC_FROM_ROOT_ACCOUNT NOT_SUPPORT_ROYALTY
  OPENID_APPID_NOT_MATCH PARTNER_ERROR PRODUCT_UNSIGN REASON_TRADE_STATUS_INVALID
  RECEIVER_ACCOUNT_NOT_CERTIFY RECEIVER_ACCOUNT_NO_BALANCE RECEIVER_ACCOUNT_STATE_INVALID
  RECEIVER_LIST_EMPTY RECEIVER_LIST_OVERLOAD REFUNDALLOC_UNAUTH_LIMIT
  REFUND_AMT_NOT_EQUAL_TOTAL REFUND_CHARGE_ERROR REFUND_FEE_ERROR
  REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST RELATION_QUANTITY_LIMIT REPLENISH_ACCOUNT_INVALID
  ROYALTY_ACCOUNTS_EQUAL ROYALTY_ACCOUNT_INVALID ROYALTY_ACCOUNT_NAME_NOT_MATCH
  ROYALTY_ACCOUNT_NOT_EXIST ROYALTY_PAYER_ACCOUNT_NOT_CERTIFY
  ROYALTY_PAYER_ACCOUNT_NOT_EXIST ROYALTY_PAYER_ACCOUNT_NO_BALANCE
  ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST
  ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE ROYALTY_RECEIVER_INVALID SECONDARY_MERCHANT_ID_INVALID
  SELLER_BALANCE_NOT_ENOUGH SETTLE_ENTITY_ID_INVALID SETTLE_SCENE_NOT_SUPPORT
  SETTLE_TO_CARD_NOT_SUPPORT SYSTEM_ERROR TRADE_HAS_CLOSE TRADE_HAS_FINISHED
  TRADE_NOT_ALLOW_REFUND TRADE_NOT_EXIST TRADE_SETTLE_ERROR TRADE_STATUS_ERROR
  TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH UN_SUPPORT_BIZ_TYPE USERNAME_NOT_MATCH
  USER_ACCOUNT_HAD_FREEZEN USER_LOGONID_DUP USER_NOT_EXIST
`
  .trim()
  .split(/\s+/);

describe('the error table of trades', () => {
  it('R-ALI-3 has every documented sub-code, and each once', () => {
    expect([...LISTED_TRADE_SUB_CODES].sort()).toEqual([...DOCUMENTED].sort());
    expect(new Set(LISTED_TRADE_SUB_CODES).size).toBe(LISTED_TRADE_SUB_CODES.length);
  });

  it.each([
    ['ACQ.SYSTEM_ERROR', 'Q', null, false],
    ['ACQ.TRADE_SETTLE_ERROR', 'Q', null, false],
    ['ACQ.DISCORDANT_REPEAT_REQUEST', 'Q', null, false],
    ['ACQ.FREQUENCY_LIMITED', 'S', 'rate', false],
    ['ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH', 'S', 'funds', false],
    ['ACQ.ROYALTY_RECEIVER_INVALID', 'S', 'payee', false],
    ['ACQ.ALLOC_AMOUNT_VALIDATE_ERROR', 'N', null, false],
    ['ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH', 'N', null, true],
    ['USERNAME_NOT_MATCH', 'N', null, true],
    ['USER_NOT_EXIST', 'N', null, true],
    ['PRODUCT_UNSIGN', 'C', 'credentials', false],
    ['ACQ.MERCHANT_RISK_LIMIT', 'R', null, false],
  ])('%s is of class %s', (subCode, errorClass, waitsFor, payeeFault) => {
    const rule = tradeErrorRule('40004', subCode);
    expect(rule).toMatchObject({ class: errorClass, waitsFor, payeeFault });
    expect(isRoyaltyPayeeFault(subCode)).toBe(payeeFault);
  });

  it('every rule of class S says what it waits for', () => {
    for (const subCode of LISTED_TRADE_SUB_CODES) {
      const rule = tradeErrorRule('40004', subCode);
      expect([subCode, rule?.class === 'S' && rule.waitsFor === null]).toEqual([subCode, false]);
    }
  });

  it('leaves the gateway’s own codes and unknown ones as they are', () => {
    const judged = (code: string, subCode: string) =>
      classify({ kind: 'answered', node: { code, subCode } }, tradeErrorRule);
    expect(judged('40005', 'isv.app-call-limited')).toMatchObject({ class: 'S', waitsFor: 'rate' });
    expect(judged('20000', 'isp.unknow-error')).toMatchObject({ kind: 'unknown', isListed: true });
    expect(judged('40004', 'ACQ.OF_TOMORROW')).toMatchObject({ kind: 'unknown', isListed: false });
  });
});
