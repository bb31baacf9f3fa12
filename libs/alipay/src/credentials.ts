import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * What a shop is configured with, as it was typed in: keys PKCS#1 or PKCS#8, PEM or bare base64.
 */
export interface AlipayCredentials {
  readonly appId: string;
  /** The merchant's user id (2088…), where known: the balance is asked for under it. */
  readonly pid?: string | undefined;
  readonly privateKey: string;
  /** Believed only if it fits the key. */
  readonly keyType?: 'PKCS1' | 'PKCS8' | undefined;
  readonly alipayPublicKey?: string | undefined;
  readonly certificates?:
    { readonly app: string; readonly alipay: string; readonly root: string } | undefined;
  /** `https://openapi.alipay.com/gateway.do` or another gateway of protocol v2. */
  readonly gateway: string;
  readonly timeoutMs: number;
}

/** Credentials that were found to be usable: keys as trimmed PEM. */
export interface CheckedCredentials {
  readonly appId: string;
  readonly pid: string | null;
  readonly mode: 'key' | 'certificate';
  /** PKCS#1. */
  readonly privateKey: string;
  readonly alipayPublicKey: string | null;
  readonly certificates: AlipayCredentials['certificates'] | null;
  readonly gateway: string;
  readonly timeoutMs: number;
}

export type CredentialField =
  | 'appId'
  | 'privateKey'
  | 'alipayPublicKey'
  | 'certificates'
  | 'certificates/app'
  | 'certificates/alipay'
  | 'certificates/root'
  | 'gateway'
  | 'timeoutMs';

/** Credentials that cannot work. The message says what to do and never shows a key. */
export class AlipayCredentialError extends Error {
  override readonly name = 'AlipayCredentialError';

  constructor(
    readonly field: CredentialField,
    message: string,
    readonly messageZh: string,
  ) {
    super(message);
  }
}

/**
 * Reads keys in any of their usual clothes and refuses what the SDK would stumble over later.
 *
 * @throws AlipayCredentialError naming the field.
 */
export function checkCredentials(given: AlipayCredentials): CheckedCredentials {
  const { appId, pid, gateway, timeoutMs, certificates } = given;
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(appId)) {
    throw new AlipayCredentialError('appId', 'an app id has up to 32 digits', 'AppID 格式不正确');
  }
  if (!/^https?:\/\//.test(gateway) || !URL.canParse(gateway)) {
    throw new AlipayCredentialError('gateway', 'the gateway must be an address', '网关地址不正确');
  }
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1) {
    const message = 'the time-out must be a whole number of milliseconds';
    throw new AlipayCredentialError('timeoutMs', message, '超时时间不正确');
  }
  const key = readPrivateKey(given.privateKey);
  const common = {
    appId,
    pid: pid ?? null,
    privateKey: key.export({ type: 'pkcs1', format: 'pem' }).toString().trim(),
    gateway,
    timeoutMs,
  };
  if (certificates !== undefined) {
    const checked = checkCertificates(certificates, key);
    return { ...common, mode: 'certificate', alipayPublicKey: null, certificates: checked };
  }
  if (given.alipayPublicKey === undefined) {
    const message = 'give Alipay’s public key, or the three certificates';
    throw new AlipayCredentialError('alipayPublicKey', message, '请提供支付宝公钥或三个证书');
  }
  const alipayPublicKey = readAlipayPublicKey(given.alipayPublicKey, key);
  return { ...common, mode: 'key', alipayPublicKey, certificates: null };
}

/**
 * An RSA private key of at least 2048 bits, from PKCS#1 or PKCS#8, PEM or bare base64.
 *
 * @throws AlipayCredentialError
 */
export function readPrivateKey(text: string): KeyObject {
  const refuse = (message: string, messageZh: string): never => {
    throw new AlipayCredentialError('privateKey', message, messageZh);
  };
  const cleaned = unescaped(text);
  if (cleaned === '') refuse('the private key is empty', '应用私钥为空');
  if (cleaned.includes('ENCRYPTED')) {
    refuse(
      'the private key is protected by a password: give it without',
      '应用私钥有密码，请去除密码',
    );
  }
  if (cleaned.includes('PUBLIC KEY') || cleaned.includes('CERTIFICATE')) {
    refuse(
      'this is a public key or certificate, not the app’s private key',
      '这是公钥或证书，不是应用私钥',
    );
  }
  const key = parseEither(cleaned, [
    (der) => createPrivateKey({ key: der, format: 'der', type: 'pkcs1' }),
    (der) => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
  ]);
  if (key === undefined) {
    return isPublicKey(cleaned)
      ? refuse('this is a public key, not the app’s private key', '这是公钥，不是应用私钥')
      : refuse('this is no private key (PKCS#1 or PKCS#8, PEM or base64)', '无法识别的应用私钥');
  }
  if (!isLongRsa(key))
    refuse('the private key must be RSA with 2048 bits or more', '私钥须为 RSA2048 以上');
  return key;
}

function readAlipayPublicKey(text: string, own: KeyObject): string {
  const field = 'alipayPublicKey';
  const cleaned = unescaped(text);
  if (cleaned.includes('CERTIFICATE')) {
    const message = 'this is a certificate: give all three under certificates';
    throw new AlipayCredentialError(field, message, '这是证书，请使用证书模式并提供三个证书');
  }
  if (cleaned.includes('PRIVATE KEY')) {
    const message = 'this is a private key, not Alipay’s public key';
    throw new AlipayCredentialError(field, message, '这是私钥，不是支付宝公钥');
  }
  const key = parseEither(cleaned, [
    (der) => createPublicKey({ key: der, format: 'der', type: 'spki' }),
    (der) => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }),
  ]);
  if (key === undefined || !isLongRsa(key)) {
    const message = 'this is no RSA public key of 2048 bits or more';
    throw new AlipayCredentialError(field, message, '无法识别的支付宝公钥');
  }
  if (isSamePair(own, key)) {
    const message = 'this is the app’s own public key; copy Alipay’s (支付宝公钥) instead';
    throw new AlipayCredentialError(field, message, '这是应用公钥，请填写支付宝公钥');
  }
  return key.export({ type: 'spki', format: 'pem' }).toString().trim();
}

function checkCertificates(
  given: NonNullable<AlipayCredentials['certificates']>,
  own: KeyObject,
): NonNullable<AlipayCredentials['certificates']> {
  const app = readCertificate('certificates/app', given.app);
  const alipay = readCertificate('certificates/alipay', given.alipay);
  readCertificate('certificates/root', given.root);
  if (!isSamePair(own, app.publicKey)) {
    const message = 'the app’s certificate does not belong to the private key';
    throw new AlipayCredentialError('certificates/app', message, '应用公钥证书与应用私钥不匹配');
  }
  if (isSamePair(own, alipay.publicKey)) {
    const message = 'this is the app’s certificate; give Alipay’s (alipayCertPublicKey_RSA2)';
    throw new AlipayCredentialError(
      'certificates/alipay',
      message,
      '这是应用证书，请填写支付宝公钥证书',
    );
  }
  return {
    app: unescaped(given.app),
    alipay: unescaped(given.alipay),
    root: unescaped(given.root),
  };
}

function readCertificate(field: CredentialField, text: string): X509Certificate {
  try {
    return new X509Certificate(unescaped(text));
  } catch {
    throw new AlipayCredentialError(field, 'this is no certificate in PEM', '无法识别的证书');
  }
}

/** Keys pasted through environment variables have `\n` written out. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\r', '').trim();
}

function parseEither(
  text: string,
  readers: readonly ((der: Buffer) => KeyObject)[],
): KeyObject | undefined {
  const base64 = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  for (const reader of readers) {
    try {
      return reader(Buffer.from(base64, 'base64'));
    } catch {
      continue;
    }
  }
  return undefined;
}

function isPublicKey(text: string): boolean {
  const reader = (der: Buffer): KeyObject =>
    createPublicKey({ key: der, format: 'der', type: 'spki' });
  return parseEither(text, [reader]) !== undefined;
}

function isLongRsa(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
}

function isSamePair(privateKey: KeyObject, publicKey: KeyObject): boolean {
  return createPublicKey(privateKey).equals(publicKey);
}
