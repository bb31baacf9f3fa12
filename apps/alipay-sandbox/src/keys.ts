import 'reflect-metadata';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import { promisify } from 'node:util';

import { X509CertificateGenerator } from '@peculiar/x509';

import type { Authorities, KeyPair } from './records.js';

const generate = promisify(generateKeyPair);
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const VALID = {
  notBefore: new Date('2020-01-01T00:00:00Z'),
  notAfter: new Date('2049-12-31T00:00:00Z'),
};

type DistinguishedName = readonly Readonly<Record<string, string[]>>[];

/** A 2048-bit RSA pair, made off the main thread. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { privateKey, publicKey } = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey: privateKey.trim(), publicKey: publicKey.trim() };
}

/**
 * SPKI PEM of an RSA public key given as PEM or as bare base64.
 *
 * @throws Error with a sentence when it is none, or shorter than 2048 bits.
 */
export function readPublicKey(text: string): string {
  const trimmed = text.trim();
  const pem = trimmed.startsWith('-----')
    ? trimmed
    : `-----BEGIN PUBLIC KEY-----\n${trimmed.replace(/\s+/g, '')}\n-----END PUBLIC KEY-----`;
  if (pem.includes('PRIVATE KEY')) throw new Error('publicKey is a private key');
  let key;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new Error('publicKey is no RSA public key (PEM or bare base64, SPKI)');
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new Error('publicKey must be an RSA key of at least 2048 bits');
  }
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** The two authorities: one for apps' certificates, one for Alipay's own. */
export async function makeAuthorities(): Promise<Authorities> {
  const [app, alipay] = await Promise.all([makeAuthority(1), makeAuthority(2)]);
  return { app, alipay };
}

/** Certificates of one merchant: its own, Alipay's for it, and the roots of both. */
export async function issueCertificates(
  authorities: Authorities,
  merchant: { appId: string; pid: string; appPublicKey: string; alipayPublicKey: string },
): Promise<{ app: string; alipay: string; root: string }> {
  const { appId, pid, appPublicKey, alipayPublicKey } = merchant;
  const subject = (organization: string, name: string): DistinguishedName => [
    { C: ['CN'] },
    { O: [organization] },
    { OU: ['Alipay'] },
    { CN: [name] },
  ];
  const [app, alipay] = await Promise.all([
    issue(
      authorities.app,
      authorityName(1),
      subject(`Merchant ${pid}`, `${pid}-${appId}`),
      appPublicKey,
    ),
    issue(
      authorities.alipay,
      authorityName(2),
      subject('支付宝(中国)网络技术有限公司', `支付宝(中国)网络技术有限公司-${pid}`),
      alipayPublicKey,
    ),
  ]);
  return {
    app,
    alipay,
    root: `${authorities.app.certificate}\n${authorities.alipay.certificate}\n`,
  };
}

function authorityName(authorityClass: 1 | 2): DistinguishedName {
  return [
    { C: ['CN'] },
    { O: ['Ant Financial'] },
    { OU: ['Certification Authority'] },
    { CN: [`Ant Financial Certification Authority Class ${authorityClass} R1`] },
  ];
}

async function makeAuthority(
  authorityClass: 1 | 2,
): Promise<{ certificate: string; privateKey: string }> {
  const { privateKey, publicKey } = await makeKeyPair();
  const name = authorityName(authorityClass);
  return { privateKey, certificate: await issue({ privateKey }, name, name, publicKey) };
}

async function issue(
  authority: { privateKey: string },
  issuer: DistinguishedName,
  subject: DistinguishedName,
  publicKey: string,
): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: `7${randomBytes(12).toString('hex').slice(1)}`,
    issuer: [...issuer],
    subject: [...subject],
    ...VALID,
    signingAlgorithm: ALGORITHM,
    publicKey: await importPublic(publicKey),
    signingKey: await importPrivate(authority.privateKey),
  });
  return certificate.toString('pem');
}

function importPublic(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', der, ALGORITHM, true, ['verify']);
}

function importPrivate(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
