import { noSuchMethod, parseBiz } from './checks.js';
import type { BizContent, Checked } from './checks.js';
import { realNowMs } from './clock.js';
import { isMethod, verbOf } from './method-names.js';
import type { Merchant } from './money.js';
import { verifyText } from './protocol.js';
import type { MerchantKeys, Node } from './protocol.js';
import { refusal } from './refusals.js';

/** A request under `/v3/`, as it came over the wire. */
export interface V3Request {
  readonly verb: string;
  /** Path and query exactly as asked for: that is what is signed. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** What is known of a request before and after its checks. */
export interface CheckedV3 {
  readonly checked: Checked;
  readonly appId: string | null;
  readonly method: string;
  readonly bizText: string;
}

const AUTHORIZATION = /^ALIPAY-SHA256withRSA (.*),sign=([A-Za-z0-9+/=]+)$/;
/** Older or younger requests are refused. */
const TIMESTAMP_WINDOW_MS = 600_000;

/** What protocol v3 checks before any business: app, certificates, signature, timestamp, method. */
export function checkV3Call(
  request: V3Request,
  find: (appId: string) => { merchant: Merchant; keys: MerchantKeys } | undefined,
): CheckedV3 {
  const url = new URL(request.target, 'http://sandbox');
  const method = url.pathname.slice('/v3/'.length).replaceAll('/', '.');
  const bizText =
    request.verb === 'GET'
      ? JSON.stringify(Object.fromEntries(url.searchParams))
      : request.body || '{}';
  const [, signedText = '', sign = ''] =
    AUTHORIZATION.exec(headerOf(request, 'authorization')) ?? [];
  const auth = new Map(signedText.split(',').map(memberOf));
  const appId = auth.get('app_id') ?? null;
  const stop = (node: Node, keys: MerchantKeys | null, verified = false): CheckedV3 => ({
    checked: { ok: false, node, keys, verified },
    appId,
    method,
    bizText,
  });
  if (signedText === '') return stop(refusal('isv.missing-timestamp'), null);
  if (appId === null) return stop(refusal('isv.missing-app-id'), null);
  const found = find(appId);
  if (found === undefined) return stop(refusal('isv.invalid-app-id'), null);
  const { merchant, keys } = found;
  const wrongNumber = checkNumbers(request, auth, keys);
  if (wrongNumber !== undefined) return stop(refusal(wrongNumber), keys);
  if (!isSigned(request, signedText, sign, keys)) {
    return stop(refusal('isv.invalid-signature'), keys);
  }
  const late = Math.abs(Number(auth.get('timestamp') ?? 'none') - realNowMs());
  if (!(late <= TIMESTAMP_WINDOW_MS)) return stop(refusal('isv.invalid-timestamp'), keys, true);
  const biz: BizContent | undefined = parseBiz(bizText);
  if (biz === undefined) return stop(refusal('isv.illegal-json'), keys, true);
  if (!isMethod(method)) return stop(refusal(noSuchMethod(method)), keys, true);
  if (verbOf(method) !== request.verb) return stop(refusal('isv.invalid-method'), keys, true);
  const checked: Checked = { ok: true, call: { merchant, keys, method, biz, bizText } };
  return { checked, appId, method, bizText };
}

function isSigned(
  { verb, target, body, ...request }: V3Request,
  signedText: string,
  sign: string,
  keys: MerchantKeys,
): boolean {
  const token = headerOf(request, 'alipay-app-auth-token');
  const text = `${signedText}\n${verb}\n${target}\n${body}\n${token === '' ? '' : `${token}\n`}`;
  return verifyText(text, sign, keys.appPublicKey);
}

function checkNumbers(
  request: V3Request,
  auth: ReadonlyMap<string, string>,
  { numbers }: MerchantKeys,
): string | undefined {
  if (numbers === null) return undefined;
  const app = auth.get('app_cert_sn') ?? '';
  const root = headerOf(request, 'alipay-root-cert-sn');
  if (app === '') return 'isv.missing-app-cert-sn';
  if (root === '') return 'isv.missing-alipay-root-cert-sn';
  if (app !== numbers.app) return 'isv.invalid-app-cert-sn';
  return root === numbers.root ? undefined : 'isv.invalid-alipay-root-cert-sn';
}

function memberOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function headerOf({ headers }: Pick<V3Request, 'headers'>, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
