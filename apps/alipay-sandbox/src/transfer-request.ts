import { createHash } from 'node:crypto';

import type { BizContent } from './checks.js';
import { amountIn, badText, canonicalJson, optionalText, textOf } from './fields.js';
import type { Node } from './protocol.js';
import { refusal } from './refusals.js';

/** A transfer as asked for, read and found well-formed. */
export interface TransferRequest {
  readonly outBizNo: string;
  readonly amountMinor: bigint;
  readonly productCode: string;
  readonly bizScene: string;
  readonly title: string;
  readonly remark: string | null;
  readonly passbackParams: string | null;
  readonly identity: string;
  readonly identityType: string;
  readonly name: string | null;
  readonly digest: string;
}

/** 转账场景 and exactly what each must report (alipay.md 3.1). */
export const SCENES: ReadonlyMap<string, readonly string[]> = new Map([
  ['现金营销', ['活动名称', '奖励说明']],
  ['企业退款', ['退款原因']],
  ['佣金报酬', ['佣金报酬说明']],
  ['业务结算', ['结算款项名称']],
  ['二手回收', ['回收商品名称']],
  ['公益补助', ['公益活动名称']],
  ['行政补贴和退款', ['补贴/退款类型']],
  ['保险理赔', ['业务类型', '保险险种', '业务交易订单号']],
]);

/** How a payee may be named. */
export const IDENTITY_TYPES: ReadonlySet<string> = new Set([
  'ALIPAY_USER_ID',
  'ALIPAY_LOGON_ID',
  'ALIPAY_OPEN_ID',
]);
const MIN_MINOR = 10n;
const MAX_MINOR = 10_000_000_000n;
const REMARK_FROM_MINOR = 5_000_000n;

/**
 * Reads a transfer, or says which of Alipay's refusals it deserves before anybody's account is
 * looked at.
 */
export function readTransferRequest(
  biz: BizContent,
  sceneRule: boolean,
): { request: TransferRequest } | { refused: Node } {
  const payee = biz['payee_info'];
  if (typeof payee !== 'object' || payee === null || Array.isArray(payee))
    return invalid('payee_info');
  const payeeInfo: BizContent = { ...payee };
  const bad =
    badText(biz, 'out_biz_no', 64, true) ??
    badText(biz, 'product_code', 64, true) ??
    badText(biz, 'biz_scene', 64, true) ??
    badText(biz, 'order_title', 128, true) ??
    badText(biz, 'remark', 200, false) ??
    badText(biz, 'business_params', 2048, false) ??
    badText(biz, 'passback_params', 512, false) ??
    badText(payeeInfo, 'identity', 128, true) ??
    badText(payeeInfo, 'identity_type', 64, true) ??
    badText(payeeInfo, 'name', 128, false);
  if (bad !== undefined) return invalid(bad);
  const outBizNo = textOf(biz, 'out_biz_no');
  const identityType = textOf(payeeInfo, 'identity_type');
  const name = optionalText(payeeInfo, 'name');
  const amountMinor = amountIn(biz, 'trans_amount');
  if (!/^[A-Za-z0-9_-]+$/.test(outBizNo)) return invalid('out_biz_no');
  if (!IDENTITY_TYPES.has(identityType)) return invalid('identity_type');
  if (identityType === 'ALIPAY_LOGON_ID' && name === null) return invalid('payee_info.name');
  if (amountMinor === undefined) return invalid('trans_amount');
  const request: TransferRequest = {
    outBizNo,
    amountMinor,
    productCode: textOf(biz, 'product_code'),
    bizScene: textOf(biz, 'biz_scene'),
    title: textOf(biz, 'order_title'),
    remark: optionalText(biz, 'remark'),
    passbackParams: optionalText(biz, 'passback_params'),
    identity: textOf(payeeInfo, 'identity'),
    identityType,
    name,
    digest: createHash('sha256').update(canonicalJson(biz)).digest('hex'),
  };
  const refused = againstProduct(request) ?? againstScene(biz, sceneRule);
  return refused === undefined ? { request } : { refused };
}

function againstProduct(request: TransferRequest): Node | undefined {
  if (request.productCode !== 'TRANS_ACCOUNT_NO_PWD') return refusal('PRODUCT_NOT_SIGN');
  if (request.bizScene !== 'DIRECT_TRANSFER') return refusal('INVALID_PARAMETER', 'biz_scene');
  if (request.amountMinor < MIN_MINOR) return refusal('EXCEED_LIMIT_SM_MIN_AMOUNT');
  if (request.amountMinor > MAX_MINOR) return refusal('EXCEED_LIMIT_SM_AMOUNT');
  if (request.amountMinor >= REMARK_FROM_MINOR && request.remark === null) {
    return refusal('MEMO_REQUIRED_IN_TRANSFER_ERROR');
  }
  return undefined;
}

/** Whether the scene is there and reports what it must; a batch has it once for all of it. */
export function againstScene(biz: BizContent, sceneRule: boolean): Node | undefined {
  const scene = biz['transfer_scene_name'];
  const reports = biz['transfer_scene_report_infos'];
  if (scene === undefined || scene === null || scene === '') {
    if (sceneRule) return refusal('TRANSFER_SCENE_NAME_BLANK');
    return reports === undefined ? undefined : refusal('TRANSFER_SCENE_REPORT_INFO_ILLEGAL');
  }
  const wanted = typeof scene === 'string' ? SCENES.get(scene) : undefined;
  if (wanted === undefined) return refusal('TRANSFER_SCENE_NAME_ILLEGAL');
  const types = reportedTypes(isOneReport(reports) ? [reports] : reports);
  const complete =
    types !== undefined &&
    types.length === wanted.length &&
    wanted.every((type) => types.includes(type));
  return complete ? undefined : refusal('TRANSFER_SCENE_REPORT_INFO_ILLEGAL');
}

/** `fund.batch.uni.transfer` takes a single report by itself. */
function isOneReport(reports: unknown): boolean {
  return typeof reports === 'object' && reports !== null && !Array.isArray(reports);
}

/** The types reported, or undefined when a report is not `{info_type, info_content}` with texts. */
function reportedTypes(reports: unknown): string[] | undefined {
  if (!Array.isArray(reports)) return undefined;
  const types: string[] = [];
  for (const report of reports as unknown[]) {
    if (typeof report !== 'object' || report === null) return undefined;
    const { info_type: type, info_content: content }: BizContent = { ...report };
    if (typeof type !== 'string' || typeof content !== 'string' || content.trim() === '') {
      return undefined;
    }
    types.push(type);
  }
  return types;
}

function invalid(name: string): { refused: Node } {
  return { refused: refusal('INVALID_PARAMETER', name) };
}
