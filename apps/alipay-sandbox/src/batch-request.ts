import { createHash } from 'node:crypto';

import type { BizContent } from './checks.js';
import { parseBeijingTime } from './clock.js';
import {
  amountIn,
  badText,
  canonicalJson,
  objectIn,
  objectsIn,
  optionalText,
  textOf,
  wholeIn,
} from './fields.js';
import type { Node } from './protocol.js';
import { refusal } from './refusals.js';
import { againstScene, IDENTITY_TYPES } from './transfer-request.js';

/** One payment of a batch, read and found well-formed. */
export interface DetailRequest {
  readonly outBizNo: string;
  readonly amountMinor: bigint;
  readonly identity: string;
  readonly identityType: string;
  readonly name: string | null;
  readonly title: string;
  readonly remark: string | null;
  readonly passbackParams: string | null;
}

export interface BatchRequest {
  readonly outBatchNo: string;
  readonly productCode: string;
  readonly bizScene: string;
  readonly title: string;
  readonly totalMinor: bigint;
  readonly details: readonly DetailRequest[];
  /** Milliseconds of business time; null where the caller names none. */
  readonly expiresAt: number | null;
  readonly digest: string;
}

const PRODUCTS: ReadonlySet<string> = new Set(['BATCH_API_TO_ACC', 'BATCH_PAY_V2']);
const SCENES: ReadonlySet<string> = new Set(['MESSAGE_BATCH_PAY', 'STANDARD_MESSAGE_BATCH_PAY']);
const DETAILS_MAX = 1000;
const TOTAL_MIN_MINOR = 100n;
const TOTAL_MAX_MINOR = 999_999_999_999_999n;
const DETAIL_MIN_MINOR = 100n;
const DETAIL_MAX_MINOR = 10_000_000_000n;
const REMARK_FROM_MINOR = 5_000_000n;

/** Reads a batch, or says which of Alipay's refusals it deserves before any account is looked at. */
export function readBatch(
  biz: BizContent,
  sceneRule: boolean,
): { request: BatchRequest } | { refused: Node } {
  const bad =
    badText(biz, 'out_batch_no', 32, true) ??
    badText(biz, 'order_title', 64, true) ??
    badText(biz, 'remark', 200, false);
  if (bad !== undefined) return invalid(bad);
  const [outBatchNo, title] = [textOf(biz, 'out_batch_no'), textOf(biz, 'order_title')];
  const [productCode, bizScene] = [textOf(biz, 'product_code'), textOf(biz, 'biz_scene')];
  if (!/^[A-Za-z0-9_-]+$/.test(outBatchNo)) return invalid('out_batch_no');
  if (!PRODUCTS.has(productCode)) return { refused: refusal('PRODUCT_NOT_SIGN') };
  if (!SCENES.has(bizScene)) return invalid('biz_scene');
  const expires = textOf(biz, 'time_expire');
  const expiresAt = expires === '' ? null : parseBeijingTime(`${expires}:00`);
  if (expiresAt === undefined) return invalid('time_expire');
  const read = readDetails(biz, title);
  if ('refused' in read) return read;
  const totals = checkTotals(biz, read.details);
  if ('refused' in totals) return totals;
  const refused = againstScene(biz, sceneRule);
  if (refused !== undefined) return { refused };
  const digest = createHash('sha256').update(canonicalJson(biz)).digest('hex');
  const names = { outBatchNo, productCode, bizScene, title };
  return { request: { ...names, ...totals, details: read.details, expiresAt, digest } };
}

function readDetails(
  biz: BizContent,
  batchTitle: string,
): { details: DetailRequest[] } | { refused: Node } {
  const list = objectsIn(biz, 'trans_order_list');
  if (list === undefined || list.length === 0 || list.length > DETAILS_MAX) {
    return invalid('trans_order_list');
  }
  const details: DetailRequest[] = [];
  const numbers = new Set<string>();
  for (const given of list) {
    const read = readDetail(given, batchTitle);
    if ('refused' in read) return read;
    if (numbers.has(read.detail.outBizNo)) return invalid('out_biz_no');
    numbers.add(read.detail.outBizNo);
    details.push(read.detail);
  }
  return { details };
}

function readDetail(
  given: BizContent,
  batchTitle: string,
): { detail: DetailRequest } | { refused: Node } {
  const payee = objectIn(given, 'payee_info') ?? {};
  const bad =
    badText(given, 'out_biz_no', 64, true) ??
    badText(given, 'order_title', 128, false) ??
    badText(given, 'remark', 200, false) ??
    badText(given, 'passback_params', 512, false) ??
    badText(payee, 'identity', 128, true) ??
    badText(payee, 'name', 128, false);
  if (bad !== undefined) return invalid(bad);
  const identityType = textOf(payee, 'identity_type');
  const name = optionalText(payee, 'name');
  const amountMinor = amountIn(given, 'trans_amount');
  const remark = optionalText(given, 'remark');
  if (!IDENTITY_TYPES.has(identityType)) return invalid('identity_type');
  if (identityType === 'ALIPAY_LOGON_ID' && name === null) return invalid('payee_info.name');
  if (amountMinor === undefined) return invalid('trans_amount');
  if (amountMinor < DETAIL_MIN_MINOR) return { refused: refusal('EXCEED_LIMIT_SM_MIN_AMOUNT') };
  if (amountMinor > DETAIL_MAX_MINOR) return { refused: refusal('EXCEED_LIMIT_SM_AMOUNT') };
  if (amountMinor >= REMARK_FROM_MINOR && remark === null) {
    return { refused: refusal('MEMO_REQUIRED_IN_TRANSFER_ERROR') };
  }
  const detail = {
    outBizNo: textOf(given, 'out_biz_no'),
    amountMinor,
    identity: textOf(payee, 'identity'),
    identityType,
    name,
    title: textOf(given, 'order_title') || batchTitle,
    remark,
    passbackParams: optionalText(given, 'passback_params'),
  };
  return { detail };
}

/** What the batch says it amounts to must be what its details amount to. */
function checkTotals(
  biz: BizContent,
  details: readonly DetailRequest[],
): { totalMinor: bigint } | { refused: Node } {
  const totalMinor = details.reduce((sum, detail) => sum + detail.amountMinor, 0n);
  if (amountIn(biz, 'total_trans_amount') !== totalMinor) return invalid('total_trans_amount');
  if (wholeIn(biz, 'total_count', -1) !== details.length) return invalid('total_count');
  if (totalMinor < TOTAL_MIN_MINOR || totalMinor > TOTAL_MAX_MINOR) {
    return invalid('total_trans_amount');
  }
  return { totalMinor };
}

function invalid(name: string): { refused: Node } {
  return { refused: refusal('INVALID_PARAMETER', name) };
}
