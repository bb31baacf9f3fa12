import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import type { SigningKey } from './message-signature.js';

/**
 * Signs texts that leave the house, such as a day's ledger head: Ed25519 over the text's UTF-8 bytes.
 * Whoever checks them needs nothing but the public key. A text begins with its own kind, as JSON, which no
 * frame of a message and no token does, so that no signature passes for one of another purpose.
 */
export class TextSigner {
  readonly keyId: string;
  readonly publicKeyPem: string;
  private readonly privateKey: KeyObject;

  constructor({ keyId, privateKeyPem, publicKeyPem }: SigningKey) {
    this.keyId = keyId;
    this.publicKeyPem = publicKeyPem;
    this.privateKey = createPrivateKey(privateKeyPem);
    if (this.privateKey.asymmetricKeyType !== 'ed25519') {
      throw new Error(`key ${keyId} is not Ed25519`);
    }
  }

  /** 64 bytes. */
  sign(text: string): Buffer {
    return sign(null, Buffer.from(text, 'utf8'), this.privateKey);
  }
}

/** Whether the key made this signature of the text. */
export function isSignedText(text: string, signature: Buffer, publicKeyPem: string): boolean {
  return verify(null, Buffer.from(text, 'utf8'), createPublicKey(publicKeyPem), signature);
}

/** A key's fingerprint: SHA-256 of its SPKI in DER, hex. What people compare over the telephone. */
export function keyFingerprint(publicKeyPem: string): string {
  const der = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' });
  return hash('sha256', der, 'hex');
}
