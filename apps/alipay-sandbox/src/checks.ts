import { parseBeijingTime, realNowMs } from './clock.js';
import { isMethod } from './method-names.js';
import type { Method } from './method-names.js';
import type { Merchant } from './money.js';
import { canonicalText, verifyText } from './protocol.js';
import type { MerchantKeys, Node, Params } from './protocol.js';
import { refusal } from './refusals.js';

/** A clock further off than this is broken. Alipay publishes no window for protocol v2. */
const TIMESTAMP_WINDOW_MS = 24 * 3_600_000;

export type BizContent = Readonly<Record<string, unknown>>;

export interface CheckedCall {
  readonly merchant: Merchant;
  readonly keys: MerchantKeys;
  readonly method: Method;
  readonly biz: BizContent;
  readonly bizText: string;
}

export type Checked =
  | { readonly ok: true; readonly call: CheckedCall }
  | {
      readonly ok: false;
      readonly node: Node;
      /** null: the answer goes out unsigned, as for an app that does not exist. */
      readonly keys: MerchantKeys | null;
      readonly verified: boolean;
    };

/** A call whose sender and form are all right, whatever its method. */
export interface SignedCall extends Omit<CheckedCall, 'method'> {
  readonly method: string;
}

type Stopped = Extract<Checked, { ok: false }>;
type Find = (appId: string) => { merchant: Merchant; keys: MerchantKeys } | undefined;

/** What the gateway checks before any business: what is signed, and permission for the method. */
export function checkCall(params: Params, find: Find): Checked {
  const signed = checkSigned(params, find);
  if (!signed.ok) return signed;
  const { method, ...call } = signed.call;
  if (!isMethod(method)) return stop(refusal(noSuchMethod(method)), call.keys, true);
  return { ok: true, call: { ...call, method } };
}

/**
 * In Alipay's order: app, presence of method and signature, certificates' numbers, signature,
 * timestamp, biz_content.
 */
export function checkSigned(
  params: Params,
  find: Find,
): Stopped | { readonly ok: true; readonly call: SignedCall } {
  const appId = params['app_id'] ?? '';
  if (appId === '') return stop(refusal('isv.missing-app-id'), null);
  const found = find(appId);
  if (found === undefined) return stop(refusal('isv.invalid-app-id'), null);
  const { merchant, keys } = found;
  const early = checkPresence(params) ?? checkNumbers(params, keys);
  if (early !== undefined) return stop(early, keys);
  const text = canonicalText(params, ['sign']);
  if (!verifyText(text, params['sign'] ?? '', keys.appPublicKey)) {
    return stop(badSignature(text), keys);
  }
  const late = checkTerms(params);
  if (late !== undefined) return stop(late, keys, true);
  const bizText = params['biz_content'] ?? '';
  const biz = parseBiz(bizText);
  if (biz === undefined) return stop(refusal('isv.illegal-json'), keys, true);
  return { ok: true, call: { merchant, keys, method: params['method'] ?? '', biz, bizText } };
}

/** Alipay has methods that this merchant may not call, and none of other names. */
export function noSuchMethod(method: string): string {
  return method.startsWith('alipay.') ? 'isv.insufficient-isv-permissions' : 'isv.invalid-method';
}

function stop(node: Node, keys: MerchantKeys | null, verified = false): Stopped {
  return { ok: false, node, keys, verified };
}

function checkPresence(params: Params): Node | undefined {
  const missing = (name: string): boolean => (params[name] ?? '') === '';
  if (missing('method')) return refusal('isv.missing-method');
  if (missing('sign')) return refusal('isv.missing-signature');
  if (missing('sign_type')) return refusal('isv.missing-signature-type');
  if (missing('timestamp')) return refusal('isv.missing-timestamp');
  if (missing('version')) return refusal('isv.missing-version');
  if (params['sign_type'] !== 'RSA2') return refusal('isv.invalid-signature-type');
  if ((params['charset'] ?? 'utf-8').toLowerCase() !== 'utf-8') {
    return refusal('isv.invalid-charset');
  }
  return undefined;
}

function checkNumbers(params: Params, keys: MerchantKeys): Node | undefined {
  if (keys.numbers === null) return undefined;
  const app = params['app_cert_sn'] ?? '';
  const root = params['alipay_root_cert_sn'] ?? '';
  if (app === '') return refusal('isv.missing-app-cert-sn');
  if (root === '') return refusal('isv.missing-alipay-root-cert-sn');
  if (app !== keys.numbers.app) return refusal('isv.invalid-app-cert-sn');
  if (root !== keys.numbers.root) return refusal('isv.invalid-alipay-root-cert-sn');
  return undefined;
}

function badSignature(text: string): Node {
  const node = refusal('isv.invalid-signature');
  const shown = text.replaceAll('&', '&amp;');
  const hint = '验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：';
  return { ...node, sub_msg: `${hint}${shown}` };
}

function checkTerms(params: Params): Node | undefined {
  const at = parseBeijingTime(params['timestamp'] ?? '');
  if (at === undefined || Math.abs(at - realNowMs()) > TIMESTAMP_WINDOW_MS) {
    return refusal('isv.invalid-timestamp');
  }
  if ((params['format'] ?? 'JSON').toUpperCase() !== 'JSON') return refusal('isv.invalid-format');
  if ((params['encrypt_type'] ?? '') !== '') return refusal('isv.invalid-encrypt');
  return undefined;
}

/** An object of parameters, or undefined when the text is no JSON of one. */
export function parseBiz(text: string): BizContent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}
