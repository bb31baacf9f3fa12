import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { MerchantTerms } from './records.js';

/** Parameters of a call: what stands in the query and in the form, merged. */
export type Params = Readonly<Record<string, string>>;

/** What Alipay signs: non-empty values sorted by name, `name=value` joined by `&`, unencoded. */
export function canonicalText(params: Params, leftOut: readonly string[]): string {
  return Object.keys(params)
    .filter((name) => !leftOut.includes(name) && params[name] !== '')
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&');
}

/** Base64 RSA-SHA256 signature over UTF-8 text. */
export function signText(text: string, privateKey: KeyObject): string {
  return sign('RSA-SHA256', Buffer.from(text, 'utf8'), privateKey).toString('base64');
}

/** False for anything that is no signature of this text by this key. */
export function verifyText(text: string, signature: string, publicKey: KeyObject): boolean {
  try {
    return verify(
      'RSA-SHA256',
      Buffer.from(text, 'utf8'),
      publicKey,
      Buffer.from(signature, 'base64'),
    );
  } catch {
    return false;
  }
}

/**
 * A certificate's number as Alipay counts it: MD5 over the issuer, most specific part first, and
 * the
 * serial number in decimal.
 */
export function certificateNumber(pem: string): string {
  const certificate = new X509Certificate(pem);
  const issuer = certificate.issuer.split('\n').reverse().join(',');
  const serial = BigInt(`0x${certificate.serialNumber}`).toString();
  return createHash('md5')
    .update(issuer + serial, 'utf8')
    .digest('hex');
}

/** The numbers of all certificates of a bundle, joined by `_`. Ours are all signed with RSA. */
export function rootNumber(bundle: string): string {
  const pems = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return pems.map(certificateNumber).join('_');
}

/** A merchant's keys, parsed once. */
export interface MerchantKeys {
  readonly appPublicKey: KeyObject;
  readonly alipayPrivateKey: KeyObject;
  readonly numbers: { readonly app: string; readonly alipay: string; readonly root: string } | null;
}

/** Parses the keys and counts the certificates of a merchant. */
export function readMerchantKeys(terms: MerchantTerms): MerchantKeys {
  const { certificates } = terms;
  return {
    appPublicKey: createPublicKey(terms.appPublicKey),
    alipayPrivateKey: createPrivateKey(terms.alipay.privateKey),
    numbers:
      certificates === undefined
        ? null
        : {
            app: certificateNumber(certificates.app),
            alipay: certificateNumber(certificates.alipay),
            root: rootNumber(certificates.root),
          },
  };
}

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** One answer's node: `code`, `msg` and what belongs to it, in this order. */
export type Node = Readonly<Record<string, Json>>;

/** How the signature of an answer goes out. */
export type Signing = 'right' | 'wrong' | 'missing';

/**
 * The body of an answer. The text of the node is built once, and exactly that text is signed;
 * `sign`
 * stands last, the certificate's number before it. Without keys (unknown app) nothing is signed.
 */
export function answerBody(
  method: string,
  node: Node,
  keys: MerchantKeys | null,
  signing: Signing,
): string {
  const text = JSON.stringify(node).replaceAll('/', '\\/');
  const name = method === '' ? 'error_response' : `${method.replaceAll('.', '_')}_response`;
  const head = `{${JSON.stringify(name)}:${text}`;
  if (keys === null) return `${head}}`;
  const number = keys.numbers === null ? '' : `,"alipay_cert_sn":"${keys.numbers.alipay}"`;
  if (signing === 'missing') return `${head}${number}}`;
  const signed = signing === 'right' ? text : `${text} `;
  return `${head}${number},"sign":"${signText(signed, keys.alipayPrivateKey)}"}`;
}
