/**
 * How a refusal is to be taken: `Q` nobody knows yet, ask about the same number; `S` nothing moved,
 * the same request later; `N` needs another request or payee; `C` the shop's configuration or
 * contract; `R` a human.
 */
export type ErrorClass = 'Q' | 'S' | 'N' | 'C' | 'R';

/** What a refusal of class S waits for. */
export type Waiting = 'funds' | 'limit' | 'payee' | 'rate' | 'credentials';

/** One sub-code of `alipay.fund.trans.uni.transfer` and what it means for a payout. */
export interface ErrorRule {
  readonly class: ErrorClass;
  /** For class S (and C, where it is always `credentials`). */
  readonly waitsFor: Waiting | null;
  /** Whether the payee's account is the reason. */
  readonly payeeFault: boolean;
  /** The number is known with other contents: a bug, or somebody else's request. */
  readonly isConflict: boolean;
}

/** Sub-codes of one kind. */
export interface ErrorRow extends Partial<Omit<ErrorRule, 'class'>> {
  readonly class: ErrorClass;
  readonly codes: string;
}

/**
 * Sources: error enum of alipay-sdk-php-all d95249a32 (2025-12-16), descriptions of the official
 * table of 2020, alipay-sdk-java-all (2026-09). Classes are official where the table gives a
 * solution, otherwise inferred, the careful way (alipay.md 3.5, read 2026-11). The spellings are
 * Alipay's.
 */
const ROWS: readonly ErrorRow[] = [
  // The outcome is open.
  { class: 'Q', codes: 'SYSTEM_ERROR REQUEST_PROCESSING TRANS_ORDER_DEALING' },
  { class: 'Q', codes: 'PROMO_TRANS_ORDER_DEALING BANK_RESPONSE_ERROR PROCESS_FAIL PAYMENT_FAIL' },
  { class: 'Q', codes: 'MRCHPROD_QUERY_ERROR ILLEGAL_STATUS_EXCEPTION' },
  { class: 'Q', isConflict: true, codes: 'PAYMENT_INFO_INCONSISTENCY BIZ_UNIQUE_EXCEPTION' },
  // Nothing moved; the same request later.
  { class: 'S', waitsFor: 'rate', codes: 'RESOURCE_LIMIT_EXCEED MAX_VISIT_LIMIT' },
  {
    class: 'S',
    waitsFor: 'funds',
    codes:
      'PAYER_BALANCE_NOT_ENOUGH BALANCE_IS_NOT_ENOUGH BALANCE_NOT_ENOUGH ' +
      'PAYMENT_MONEY_NOT_ENOUGH BALANCE_NOT_ENOUGH_FOR_CARD_FEE',
  },
  {
    class: 'S',
    waitsFor: 'limit',
    codes:
      'EXCEED_LIMIT_DM_AMOUNT EXCEED_LIMIT_DM_MAX_AMOUNT EXCEED_LIMIT_MM_AMOUNT ' +
      'EXCEED_LIMIT_MM_MAX_AMOUNT EXCEED_LIMIT_UNRN_DM_AMOUNT EXCEED_LIMIT_DC_RECEIVED ' +
      'PAYEE_RECEIVE_COUNT_EXCEED_LIMIT PERM_PAY_USER_DAILY_QUOTA_ORG_BALANCE_LIMIT ' +
      'PERM_PAY_USER_MONTH_QUOTA_ORG_BALANCE_LIMIT ' +
      'PERM_PAY_CUSTOMER_DAILY_QUOTA_ORG_BALANCE_LIMIT ' +
      'PERM_PAY_CUSTOMER_MONTH_QUOTA_ORG_BALANCE_LIMIT',
  },
  {
    class: 'S',
    waitsFor: 'payee',
    codes: 'PAYEE_NOT_RELNAME_CERTIFY PERMIT_NON_BANK_LIMIT_PAYEE PERM_AML_NOT_REALNAME_REV',
  },
  // Another request is needed.
  {
    class: 'N',
    codes:
      'INVALID_PARAMETER PARAM_ILLEGAL PARAMETER_ERROR PAYMENT_TIME_EXPIRE ' +
      'EXCEED_LIMIT_SM_AMOUNT ' +
      'EXCEED_LIMIT_PERSONAL_SM_AMOUNT EXCEED_LIMIT_ENT_SM_AMOUNT EXCEED_LIMIT_SM_MIN_AMOUNT ' +
      'MEMO_REQUIRED_IN_TRANSFER_ERROR REMARK_HAS_SENSITIVE_WORD TRANSFER_SCENE_NAME_BLANK ' +
      'TRANSFER_SCENE_NAME_ILLEGAL TRANSFER_SCENE_REPORT_INFO_ILLEGAL ORDER_NOT_EXIST ' +
      'NO_ORDER_PERMISSION ORDER_STATUS_INVALID INST_PAY_REMARK_UNVALID_CHARS',
  },
  // Another account of the payee is needed.
  {
    class: 'N',
    payeeFault: true,
    codes:
      'PAYEE_NOT_EXIST PAYEE_ACCOUNT_NOT_EXSIT PAYEE_USERINFO_ERROR PAYEE_USER_INFO_ERROR ' +
      'PAYEE_IDENTITY_NOT_MATCH PAYEE_CERT_INFO_ERROR PAYEE_ACC_OCUPIED ' +
      'PAYEE_ACCOUNT_STATUS_ERROR PAYEE_USERINFO_STATUS_ERROR PAYEE_USER_TYPE_ERROR ' +
      'PAYEE_USER_IS_INST NO_ACCOUNT_RECEIVE_PERMISSION NO_ACCOUNT_USER_FORBBIDEN_RECIEVE ' +
      'GLOBAL_USER_FORBBIDEN_RECIEVE RELEASE_USER_FORBBIDEN_RECIEVE BLOCK_USER_FORBBIDEN_RECIEVE ' +
      'PERMIT_CHECK_RECEIVE_LIMIT PERMIT_LIMIT_PAYEE PERM_RECEIVE_CUSTOMER_ALMS_LIMIT ' +
      'RECEIVER_USER_RISK_FREEZE PAYER_PAYEE_CANNOT_SAME PAYER_PAYEE_ACCOUNT_NAME_CAN_NOT_SAME ' +
      'CARD_BIN_ERROR PAYEE_CARD_INFO_ERROR INVALID_CARDNO INST_PAY_UNABLE ' +
      'BANKCODE_OR_BRANCHNAME_INFO_ERROR IDENTITY_CARD_INFO_INVALID AUTH_LOGONID_CHANGED',
  },
  // The shop's own account, contract or configuration.
  {
    class: 'C',
    codes:
      'PERMIT_CHECK_PERM_LIMITED PERMIT_CHECK_PERM_IDENTITY_THEFT PERMIT_PAYER_FORBIDDEN ' +
      'PERMIT_PAYER_LEVEL_FORBIDDEN PAYER_CERTIFY_CHECK_FAIL PAYER_PERMLIMIT_CHECK_FAILURE ' +
      'PERMIT_CHECK_PERM_AML_CERT_EXPIRED PERM_AML_NOT_REALNAME_PAY PAYER_STATUS_ERROR ' +
      'PAYER_NOT_EXIST PAYER_USERINFO_NOT_EXSIT PAYER_USER_INFO_ERROR INVALID_PAYER_ACCOUNT ' +
      'NO_PERMISSION_ACCOUNT PAYER_ACCOUNT_LIMIT PAYER_UNABLE_PAYMENT PAYCARD_UNABLE_PAYMENT ' +
      'MONEY_PAY_CLOSED NO_AVAILABLE_PAYMENT_TOOLS NO_ACCOUNT_PAYMENT_PERMISSION ' +
      'BLOCK_USER_FORBBIDEN_SEND NOT_SUPPORT_PAYER_ACCOUNT_TYPE PRODUCT_NOT_SIGN ' +
      'NOT_IN_WHITE_LIST ISV_AUTH_ERROR USER_AGREEMENT_VERIFY_FAIL ' +
      'PAYER_REQUESTER_RELATION_INVALID CONFIGURATION_ERROR TRANSFER_SCENE_INFO_ADMIT_FAIL ' +
      'ENTERPRISE_IDENTITY_INFO_NEED_UPDATE ENTRUST_TRANSFER_NO_ACCOUNT_PAYMENT_PERMISSION ' +
      'PAYER_DATA_INCOMPLETE CERT_MISS_TRANS_LIMIT CERT_MISS_ACC_LIMIT ' +
      'PERMIT_PAYER_LOWEST_FORBIDDEN ACCOUNT_NOT_EXIST PAYER_CERT_EXPIRED ' +
      'SYNC_SECURITY_CHECK_FAILED',
  },
  // Risk.
  {
    class: 'R',
    codes:
      'SECURITY_CHECK_FAILED ILLEGAL_OPERATION USER_RISK_FREEZE JUDICIAL_FREEZE ' +
      'ACCOUNT_OPERATION_LIMIT',
  },
  // Listed, but of products that we do not use: ask, then a human.
  {
    class: 'Q',
    codes:
      'ACCOUNT_BOOK_SCENE_CODE_EXCEPTION ACCOUNT_IN_NOT_EXIST ALREADY_WITHDRAW_STD_RED_PACKET ' +
      'AUTHOREE_IS_NOT_MATCH CHECK_RECEIVER_CERT_NOT_ALLOW CONTRACTOR_ACCOUNT_BOOK_NOT_FUND ' +
      'CURREBT_AFTER_INVALID_TIME CURRENCY_NOT_SUPPORT EMPLOYEE_SERVICE_NOT_EXIST ' +
      'EXCEED_LIMIT_INTERNAL_SM_AMOUNT EXPAND_INDIRECT_VERIFY_FAIL FORBID_OPERATION_USER_WALLET ' +
      'FUND_PROTITOPN_NOT_MATCH FUND_WALLET_INST_NOT_EXIST FUND_WALLET_UNAVAILABLE ' +
      'IDENTITY_FUND_RELATION_NOT_FOUND ILLEGAL_REQUEST_USER_ID INVALID_TAX_BILL_AGREEMENT ' +
      'MID_ACCOUNT_CHECK_ERROR MID_ACCOUNT_STATUS_ERROR MID_ACCOUNT_TYPE_ERROR ' +
      'NO_ACCOUNTBOOK_PERMISSION OVERSEA_TRANSFER_CLOSE PARTITION_FORMAT_ERROR ' +
      'PAYEE_MID_CANNOT_SAME PAYER_MID_CANNOT_SAME PAYEE_OUT_PERMLIMIT_CHECK_FAILURE ' +
      'PAYEE_TRUSTEESHIP_ACC_OVER_LIMIT PAYER_ACCOUNT_BOOK_INFO_EXCEPTION ' +
      'RECEIVER_ACCOUNT_BOOK_INFO_EXCEPTION PAYER_AND_PAYEE_BOTH_PERSONAL_ACCOUNT_BOOK ' +
      'PAYER_NOT_EQUAL_PAYEE_ERROR PAYER_NOT_EQUAL_PAYEE_FOR_BIZ_SCENE_REQUIRED ' +
      'PAYER_NOT_RELNAME_CERTIFY PAY_SALARY_MODE_NOT_SUPPORT ' +
      'PERMIT_CHECK_PERM_AML_CERT_MISS_ACC_LIMIT PROMO_CAMP_RELATION_CONFIG_MISSED ' +
      'REP_INCONSISTENT TAX_BILL_AGREEMENT_MISS TRANS_AMOUNT_NOT_IN_PRIZE_LIMIT ' +
      'TRUSTEESHIP_ACCOUNT_NOT_EXIST TRUSTEESHIP_ACCOUNT_STATUS_ERROR ' +
      'TRUSTEESHIP_RECIEVE_QUOTA_LIMIT UNAUTHORIZED_CONSULT UN_SUPPORT_EMPLOYEE_SERVICE ' +
      'USER_NOT_EXIST',
  },
];

/** Families of which Alipay's list gives the beginning only. */
const FAMILIES: readonly (readonly [prefix: string, errorClass: ErrorClass])[] = [
  ['FLEXIBLE_STAFFING_', 'R'],
  ['SIGN_', 'C'],
  ['SHARING_', 'C'],
];

/** Codes of the gateway itself, whatever the API (alipay.md 2.3). */
const GATEWAY: Readonly<Record<string, ErrorRule>> = {
  '20000': rule({ class: 'Q' }),
  '20001': rule({ class: 'C' }),
  '40001': rule({ class: 'C' }),
  '40002': rule({ class: 'C' }),
  '40003': rule({ class: 'C' }),
  '40005': rule({ class: 'S', waitsFor: 'rate' }),
  '40006': rule({ class: 'C' }),
};

const BY_SUB_CODE = rulesOf(ROWS);

/** Every sub-code that is listed by its full name, as often as it is listed. */
export const LISTED_SUB_CODES: readonly string[] = ROWS.flatMap((row) => row.codes.split(' '));

/** The rule of each sub-code in a table of rows. */
export function rulesOf(rows: readonly ErrorRow[]): ReadonlyMap<string, ErrorRule> {
  return new Map(
    rows.flatMap((row) =>
      row.codes.split(' ').map((code): [string, ErrorRule] => [code, rule(row)]),
    ),
  );
}

/** The rule for a code of the gateway itself; undefined for business failures (40004). */
export function gatewayRule(code: string): ErrorRule | undefined {
  return GATEWAY[code];
}

/** The rule for what Alipay answered; undefined for a code that is not listed. */
export function errorRule(code: string, subCode: string | null): ErrorRule | undefined {
  if (code !== '40004') return gatewayRule(code);
  if (subCode === null) return undefined;
  const listed = BY_SUB_CODE.get(subCode);
  if (listed !== undefined) return listed;
  const family = FAMILIES.find(([prefix]) => subCode.startsWith(prefix));
  return family === undefined ? undefined : rule({ class: family[1] });
}

/**
 * Whether this sub-code blames the payee's account: also asked of a failed transfer's
 * `error_code`.
 */
export function isPayeeFault(subCode: string | null): boolean {
  return subCode !== null && (BY_SUB_CODE.get(subCode)?.payeeFault ?? false);
}

function rule(row: Partial<ErrorRule> & { readonly class: ErrorClass }): ErrorRule {
  return {
    class: row.class,
    waitsFor: row.waitsFor ?? (row.class === 'C' ? 'credentials' : null),
    payeeFault: row.payeeFault ?? false,
    isConflict: row.isConflict ?? false,
  };
}
