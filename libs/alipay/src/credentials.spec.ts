import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { connectAlipay } from './connection.js';
import { AlipayCredentialError, checkCredentials, readPrivateKey } from './credentials.js';
import type { AlipayCredentials } from './credentials.js';

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const alipay = generateKeyPairSync('rsa', { modulusLength: 2048 });

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'spki'): string =>
  key.export({ type: type as 'pkcs1', format: 'pem' }).toString();
const bare = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'spki'): string =>
  key.export({ type: type as 'pkcs1', format: 'der' }).toString('base64');

const good: AlipayCredentials = {
  appId: '2021000000000001',
  privateKey: pem(own.privateKey, 'pkcs8'),
  alipayPublicKey: bare(alipay.publicKey, 'spki'),
  gateway: 'https://openapi.alipay.com/gateway.do',
  timeoutMs: 15_000,
};

function refusal(more: Partial<AlipayCredentials>): string {
  try {
    checkCredentials({ ...good, ...more });
    return 'taken';
  } catch (error) {
    if (!(error instanceof AlipayCredentialError)) throw error;
    expect(error.messageZh).not.toBe('');
    return `${error.field}: ${error.message}`;
  }
}

describe('keys', () => {
  const clothes = [
    pem(own.privateKey, 'pkcs1'),
    pem(own.privateKey, 'pkcs8'),
    bare(own.privateKey, 'pkcs1'),
    bare(own.privateKey, 'pkcs8'),
    `\r\n  ${pem(own.privateKey, 'pkcs8').replaceAll('\n', '\r\n')}  \n`,
    pem(own.privateKey, 'pkcs1').replaceAll('\n', '\\n'),
    (bare(own.privateKey, 'pkcs8').match(/.{1,60}/g) ?? []).join('\n'),
  ];

  it.each(clothes)('are read in all their clothes: %#', (text) => {
    expect(readPrivateKey(text).equals(own.privateKey)).toBe(true);
    const { sdk } = connectAlipay({ ...good, privateKey: text });
    const signed = sdk.sdkExecute('alipay.fund.account.query', { bizContent: { a: '1' } });
    expect(signed).toContain('sign=');
  });

  it('gives back the form that the SDK is told of', () => {
    const { privateKey, mode, certificates } = checkCredentials({ ...good, keyType: 'PKCS8' });
    expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(privateKey).toMatch(/-----END RSA PRIVATE KEY-----$/);
    expect({ mode, certificates }).toEqual({ mode: 'key', certificates: null });
  });

  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const locked = own.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();

  it.each([
    ['privateKey', { privateKey: '' }, /empty/],
    ['privateKey', { privateKey: 'no key at all!' }, /no private key/],
    ['privateKey', { privateKey: bare(own.privateKey, 'pkcs8').slice(0, 800) }, /no private key/],
    ['privateKey', { privateKey: pem(own.publicKey, 'spki') }, /public key/],
    ['privateKey', { privateKey: bare(own.publicKey, 'spki') }, /public key/],
    ['privateKey', { privateKey: pem(short.privateKey, 'pkcs8') }, /2048/],
    ['privateKey', { privateKey: pem(curve.privateKey, 'pkcs8') }, /RSA/],
    ['privateKey', { privateKey: locked }, /password/],
    ['alipayPublicKey', { alipayPublicKey: undefined }, /three certificates/],
    ['alipayPublicKey', { alipayPublicKey: bare(own.publicKey, 'spki') }, /own public key/],
    ['alipayPublicKey', { alipayPublicKey: pem(own.privateKey, 'pkcs8') }, /private key/],
    ['alipayPublicKey', { alipayPublicKey: pem(short.publicKey, 'spki') }, /2048/],
    ['alipayPublicKey', { alipayPublicKey: '-----BEGIN CERTIFICATE-----' }, /certificate/],
    ['certificates/app', { certificates: { app: 'x', alipay: 'x', root: 'x' } }, /certificate/],
    ['appId', { appId: '' }, /app id/],
    ['gateway', { gateway: 'openapi.alipay.com' }, /address/],
    ['timeoutMs', { timeoutMs: 0 }, /time-out/],
  ])('a bad %s is refused in words, without showing it: %#', (field, more, says) => {
    const told = refusal(more);
    expect(told).toMatch(new RegExp(`^${field}: `));
    expect(told).toMatch(says);
    expect(told.length).toBeLessThan(120);
  });
});
