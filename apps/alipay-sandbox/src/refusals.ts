import type { Json, Node } from './protocol.js';

/** `msg` of every gateway code. */
const MESSAGES: Readonly<Record<string, string>> = {
  '10000': 'Success',
  '20000': 'Service Currently Unavailable',
  '20001': 'Insufficient Token Permissions',
  '40001': 'Missing Required Arguments',
  '40002': 'Invalid Arguments',
  '40003': 'Insufficient Conditions',
  '40004': 'Business Failed',
  '40005': 'Call Limited',
  '40006': 'Insufficient Permissions',
};

/**
 * `sub_msg` of the sub-codes that the sandbox gives by itself. Nobody may decide by these texts.
 */
const SUB_MESSAGES: Readonly<Record<string, string>> = {
  'isp.unknow-error': '系统繁忙',
  'aop.unknow-error': '系统繁忙',
  'isv.missing-method': '缺少方法名参数',
  'isv.missing-signature': '缺少签名参数',
  'isv.missing-signature-type': '缺少签名类型参数',
  'isv.missing-app-id': '缺少AppID参数',
  'isv.missing-timestamp': '缺少时间戳参数',
  'isv.missing-version': '缺少版本参数',
  'isv.invalid-app-id': '无效的AppID参数',
  'isv.invalid-method': '不存在的方法名',
  'isv.invalid-format': '无效的数据格式',
  'isv.invalid-charset': '无效的字符集',
  'isv.invalid-signature-type': '无效的签名类型',
  'isv.invalid-signature': '验签出错',
  'isv.invalid-timestamp': '非法的时间戳参数',
  'isv.invalid-encrypt': '加密类型不支持',
  'isv.invalid-parameter': '参数无效',
  'isv.illegal-json': '非法的JSON格式',
  'isv.missing-app-cert-sn': '缺少应用公钥证书序列号',
  'isv.missing-alipay-root-cert-sn': '缺少支付宝根证书序列号',
  'isv.invalid-app-cert-sn': '应用公钥证书序列号无效',
  'isv.invalid-alipay-root-cert-sn': '支付宝根证书序列号无效',
  'isv.insufficient-isv-permissions': 'ISV权限不足',
  'isv.app-call-limited': '应用调用次数超限',
  'isv.method-call-limited': '方法调用次数超限',
  SYSTEM_ERROR: '系统繁忙',
  REQUEST_PROCESSING: '系统处理中，请稍后再试',
  INVALID_PARAMETER: '参数有误',
  PAYMENT_INFO_INCONSISTENCY: '两次请求商户单号一样，但是参数不一致',
  PRODUCT_NOT_SIGN: '产品未签约',
  EXCEED_LIMIT_SM_AMOUNT: '单笔额度超限',
  EXCEED_LIMIT_SM_MIN_AMOUNT: '请求金额不能低于0.1元',
  EXCEED_LIMIT_DM_AMOUNT: '日累计额度超限',
  EXCEED_LIMIT_UNRN_DM_AMOUNT: '收款账户未实名，超出其单日收款限额',
  MEMO_REQUIRED_IN_TRANSFER_ERROR:
    '根据监管部门的要求，单笔转账金额达到50000元时，需要填写付款理由',
  TRANSFER_SCENE_NAME_BLANK: '转账场景名称不能为空',
  TRANSFER_SCENE_NAME_ILLEGAL: '转账场景名称不合法',
  TRANSFER_SCENE_REPORT_INFO_ILLEGAL: '转账场景报备信息不合法',
  PAYEE_NOT_EXIST: '收款用户不存在或姓名有误，建议核实账号和姓名是否准确',
  PAYEE_USERINFO_ERROR: '支付宝账号和姓名不匹配，请确认姓名是否正确',
  PAYEE_NOT_RELNAME_CERTIFY: '收款方未实名认证',
  BLOCK_USER_FORBBIDEN_RECIEVE: '账户异常被冻结，无法收款',
  PAYER_PAYEE_CANNOT_SAME: '收付款方不能相同',
  PAYER_BALANCE_NOT_ENOUGH: '付款方余额不足',
  ORDER_NOT_EXIST: '转账订单不存在',
  NO_ORDER_PERMISSION: '没有该笔转账单据的操作权限',
  NO_PERMISSION_ACCOUNT: '无权操作当前付款账号',
  BILL_NOT_EXIST: '账单不存在',
  TYPE_NOT_SUPPORTED: '此账单类型不支持下载',
  INVAILID_ARGUMENTS: '参数不合法',
  ILLEGAL_ARGUMENT: '参数不合法',
  PRODUCT_UNSIGN: '未签约分账产品',
  RECEIVER_LIST_EMPTY: '分账方列表为空',
  RECEIVER_LIST_OVERLOAD: '分账方列表超过上限',
  INVALID_RECEIVER_TYPE: '分账方类型不合法',
  RELATION_QUANTITY_LIMIT: '分账关系数量超过上限',
  USER_NOT_EXIST: '用户不存在',
  USERNAME_NOT_MATCH: '用户姓名不匹配',
  RECEIVER_ACCOUNT_NOT_CERTIFY: '分账方账户未实名',
  RECEIVER_ACCOUNT_STATE_INVALID: '分账方账户状态异常',
  BIZ_UNIQUE_EXCEPTION: '商户订单号冲突',
  MERCHANT_TRADE_NOT_MATCH: '交易与商户不匹配',
  'ACQ.SYSTEM_ERROR': '接口返回错误',
  'ACQ.INVALID_PARAMETER': '参数无效',
  'ACQ.TRADE_NOT_EXIST': '交易不存在',
  'ACQ.TRADE_STATUS_ERROR': '交易状态不合法',
  'ACQ.TRADE_HAS_CLOSE': '交易已经关闭',
  'ACQ.TRADE_HAS_FINISHED': '交易已完结',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': '退款金额超限',
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': '卖家余额不足',
  'ACQ.DISCORDANT_REPEAT_REQUEST': '请求信息不一致',
  'ACQ.DUP_OUT_REQUEST_NO': '外部请求号重复',
  'ACQ.TRADE_SETTLE_ERROR': '分账处理失败',
  'ACQ.ROYALTY_RECEIVER_INVALID': '分账收入方不合法，未绑定分账关系',
  'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR': '分账金额超过最大可分账金额',
  'ACQ.FREQUENCY_LIMITED': '请求过于频繁',
  'ACQ.NOT_SUPPORT_ROYALTY': '不支持分账',
  'ACQ.ALREADY_FINISH_ALLOC': '交易已完结分账',
  'ACQ.ALLOC_REFUSE_AFTER_REFUND': '交易退款后不允许分账',
  'ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH': '账户余额不足',
};

/** Codes of the gateway itself by the sub-code that goes with them. */
function gatewayCode(subCode: string): string {
  if (/^(isp|aop)\.unknow-error$/.test(subCode)) return '20000';
  if (subCode.startsWith('aop.')) return '20001';
  if (/^isv\.(missing-app-cert|missing-alipay-root)/.test(subCode)) return '40002';
  if (/^isv\.(missing-signature-config|invalid-(app-)?auth-relations)$/.test(subCode))
    return '40003';
  if (/^isv\.(missing-|decryption-error-missing)/.test(subCode)) return '40001';
  if (/^isv\..*-call-limited$/.test(subCode)) return '40005';
  if (/^isv\.(insufficient-|self-invoke-forbidden)/.test(subCode)) return '40006';
  return subCode.startsWith('isv.') ? '40002' : '40004';
}

/** The node of a refusal. `detail` is added to the text as Alipay adds the name of a parameter. */
export function refusal(subCode: string, detail = ''): Node {
  const code = gatewayCode(subCode);
  return {
    code,
    msg: MESSAGES[code] ?? '',
    sub_code: subCode,
    sub_msg: `${SUB_MESSAGES[subCode] ?? subCode}${detail}`,
  };
}

/** The node of a success, without what is null or undefined. */
export function success(fields: Readonly<Record<string, Json | undefined>>): Node {
  const present = Object.entries(fields).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, value] as const],
  );
  return { code: '10000', msg: 'Success', ...Object.fromEntries(present) };
}
