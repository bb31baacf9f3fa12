import { AlipaySdk } from 'alipay-sdk';
import { createPrivateKey, createPublicKey } from 'node:crypto';

import { AlipayCredentialError, checkCredentials } from './credentials.js';
import type { AlipayCredentials } from './credentials.js';

/** The SDK with checked credentials of one merchant. */
export interface AlipayConnection {
  readonly sdk: AlipaySdk;
  readonly appId: string;
  readonly pid: string | null;
  readonly mode: 'key' | 'certificate';
  readonly gateway: string;
}

/** What came of a call, before anybody judges the answer. */
export type AlipayAnswer =
  /** Signed by Alipay; keys in camelCase, as the SDK gives them. */
  | { readonly kind: 'answered'; readonly node: Readonly<Record<string, unknown>> }
  /** It may have been executed. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** No connection was made: it certainly was not executed. */
  | { readonly kind: 'not-sent'; readonly why: string };

/**
 * Opens nothing yet: checks the credentials and prepares the SDK.
 *
 * @throws AlipayCredentialError when they cannot work.
 */
export function connectAlipay(credentials: AlipayCredentials): AlipayConnection {
  const checked = checkCredentials(credentials);
  const { appId, pid, mode, privateKey, certificates, gateway, timeoutMs } = checked;
  const verifiers =
    certificates === null || certificates === undefined
      ? { alipayPublicKey: checked.alipayPublicKey ?? '' }
      : {
          appCertContent: certificates.app,
          alipayPublicCertContent: certificates.alipay,
          alipayRootCertContent: certificates.root,
        };
  try {
    const settings = { appId, privateKey, keyType: 'PKCS1', gateway, timeout: timeoutMs } as const;
    const sdk = new AlipaySdk({ ...settings, ...verifiers });
    readKeysOnce(sdk);
    return { sdk, appId, pid, mode, gateway };
  } catch {
    const message = 'the SDK cannot read these certificates';
    throw new AlipayCredentialError('certificates', message, '证书无法识别');
  }
}

/**
 * The SDK keeps its keys as texts and has Node parse them at every signature, which takes longer than
 * signing. Node's functions, to which it hands them, take a parsed key as well.
 */
function readKeysOnce({ config }: AlipaySdk): void {
  const { privateKey, alipayPublicKey } = config;
  Object.assign(config, {
    privateKey: createPrivateKey(privateKey),
    ...(alipayPublicKey ? { alipayPublicKey: createPublicKey(alipayPublicKey) } : {}),
  });
}

/**
 * Calls a method of protocol v2 and believes the answer only with Alipay's signature on it. Never
 * throws: whatever goes wrong after the request may have left is `unknown`.
 */
export async function callAlipay(
  connection: AlipayConnection,
  method: string,
  bizContent: Readonly<Record<string, unknown>>,
): Promise<AlipayAnswer> {
  try {
    const params = { bizContent: { ...bizContent } };
    const node = await connection.sdk.exec(method, params, { validateSign: true });
    return { kind: 'answered', node };
  } catch (error) {
    const why = reasonOf(error);
    return { kind: wasNeverSent(error) ? 'not-sent' : 'unknown', why };
  }
}

const NO_CONNECTION: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Whether no connection was made, on the first try. The HTTP client under the SDK silently sends a
 * POST again when a socket breaks, and follows redirects: a refused connection after either of them
 * says nothing about the request before it.
 */
function wasNeverSent(error: unknown): boolean {
  const chain = causes(error);
  const failed = chain.find((cause) => 'res' in cause);
  const trace = failed === undefined ? undefined : traceOf(failed);
  if (trace?.retries !== 0 || trace.redirected) return false;
  return chain.some((cause) => NO_CONNECTION.has(codeOf(cause)));
}

function causes(error: unknown): object[] {
  const chain: object[] = [];
  let cause: unknown = error;
  while (typeof cause === 'object' && cause !== null && chain.length < 8) {
    chain.push(cause);
    cause = 'cause' in cause ? cause.cause : undefined;
  }
  return chain;
}

function codeOf(error: object): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function traceOf(error: object): { retries: number; redirected: boolean } | undefined {
  const res = 'res' in error ? error.res : undefined;
  if (typeof res !== 'object' || res === null) return undefined;
  if (!('socketErrorRetries' in res) || typeof res.socketErrorRetries !== 'number')
    return undefined;
  const urls = 'requestUrls' in res ? res.requestUrls : undefined;
  return { retries: res.socketErrorRetries, redirected: Array.isArray(urls) && urls.length > 1 };
}

/** What went wrong in one line, without the texts of answers, which may name payees. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('验签失败')) return 'the answer’s signature is wrong';
  if (text.includes('argument must be of type') || text.includes('signature')) {
    return 'the answer has no signature';
  }
  return text.slice(0, 200);
}
