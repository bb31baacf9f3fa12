import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { frame, strictBase64 } from './frame.js';
import type { ServiceName } from './service-name.js';

const domain = 'qingfen-message-v1';
const keyIdShape = /^[A-Za-z0-9._-]{1,64}$/;
const signatureBytes = 64;

/** A service's key pair that signs its messages and tokens; PEM (PKCS#8 and SPKI), Ed25519. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** Whose key an id is. */
export interface KnownKey {
  readonly service: ServiceName;
  readonly publicKeyPem: string;
}

/** Key id to key: everyone whose signatures count. */
export type PublicKeys = Readonly<Record<string, KnownKey>>;

/** What a message's signature covers. */
export interface SignedParts {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
}

/**
 * Signs Kafka messages: `<keyId>:<base64 Ed25519>` over the frame of `qingfen-message-v1`, topic,
 * key and value, each with presence byte and 32-bit length (see frame), so that no bytes can move
 * between topic, key and value, and a missing key is not an empty one.
 */
export class MessageSigner {
  private readonly keyId: string;
  private readonly privateKey: KeyObject;

  /** @throws Error on a key id with a colon or other odd characters, or a key that is no Ed25519. */
  constructor({ keyId, privateKeyPem }: Pick<SigningKey, 'keyId' | 'privateKeyPem'>) {
    if (!keyIdShape.test(keyId)) throw new Error(`signing key id ${keyId} is not well-formed`);
    this.keyId = keyId;
    this.privateKey = ed25519(createPrivateKey(privateKeyPem), keyId);
  }

  /** The value of the `x-signature` header. */
  sign({ topic, key, value }: SignedParts): string {
    const signature = sign(null, frame(domain, [topic, key, value]), this.privateKey);
    return `${this.keyId}:${signature.toString('base64')}`;
  }
}

/** Tells who signed a message. */
export class MessageVerifier {
  private readonly keys: ReadonlyMap<string, { service: ServiceName; publicKey: KeyObject }>;

  constructor(publicKeys: PublicKeys) {
    this.keys = new Map(
      Object.entries(publicKeys).map(([keyId, { service, publicKeyPem }]) => {
        return [keyId, { service, publicKey: ed25519(createPublicKey(publicKeyPem), keyId) }];
      }),
    );
  }

  /** Who signed exactly this topic, key and value; null for no, a malformed or a wrong signature. */
  verify({
    topic,
    key,
    value,
    header,
  }: SignedParts & { readonly header: string | null | undefined }): {
    service: ServiceName;
    keyId: string;
  } | null {
    if (header === null || header === undefined) return null;
    const colon = header.indexOf(':');
    if (colon < 0) return null;
    const keyId = header.slice(0, colon);
    const known = this.keys.get(keyId);
    const signature = strictBase64(header.slice(colon + 1), 'base64');
    if (known === undefined || signature?.length !== signatureBytes) return null;
    const framed = frame(domain, [topic, key, value]);
    if (!verify(null, framed, known.publicKey, signature)) return null;
    return { service: known.service, keyId };
  }
}

function ed25519(key: KeyObject, keyId: string): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`key ${keyId} is not Ed25519`);
  return key;
}
