import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { frame, strictBase64 } from './frame.js';

const version = 'v1';
const keyIdShape = /^[A-Za-z0-9_-]{1,32}$/;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** What encrypts new fields, and everything that ever did. */
export interface FieldKeys {
  /** Id of the key that new texts are encrypted under. */
  readonly current: string;
  /** Key id to 32 bytes in base64; old keys stay until nothing is encrypted under them. */
  readonly keys: Readonly<Record<string, string>>;
}

/** A text that cannot be decrypted here: wrong key, wrong context, or changed. Says no more. */
export class DecryptionFailed extends Error {
  override readonly name = 'DecryptionFailed';
}

/**
 * Encrypts single fields: a fresh data key per text, wrapped under a named master key (envelope
 * encryption), AES-256-GCM both times. The context (say `payee:shop-1:p-7:identity`) is
 * authenticated, so a ciphertext moved to another row or column does not decrypt.
 *
 * Text form: `v1.<key id>.<wrapped data key>.<body>`, the last two base64url of nonce, tag, bytes.
 */
export class FieldCipher {
  private readonly current: string;
  private readonly keys: ReadonlyMap<string, Buffer>;

  /** @throws Error on a key that is not 32 bytes, or a current key that is not among the keys. */
  constructor({ current, keys }: FieldKeys) {
    this.current = current;
    this.keys = new Map(Object.entries(keys).map(([id, text]) => [id, masterKey(id, text)]));
    if (!this.keys.has(current)) throw new Error(`field key ${current} is not among the keys`);
  }

  /** The text encrypted under the current key; the same text gives another cipher each time. */
  encrypt(plain: string, context: string): string {
    const dataKey = randomBytes(keyBytes);
    const body = seal(dataKey, Buffer.from(plain, 'utf8'), bodyContext(context));
    return this.envelope(dataKey, body.toString('base64url'), context);
  }

  /** @throws DecryptionFailed when key, context or text is not what it was. */
  decrypt(cipher: string, context: string): string {
    const { dataKey, body } = this.open(cipher, context);
    return unseal(dataKey, body, bodyContext(context)).toString('utf8');
  }

  /**
   * The same field under the current key: only the data key is wrapped anew. Returns the cipher
   * itself if it is under the current key already.
   *
   * @throws DecryptionFailed as decrypt does.
   */
  rewrap(cipher: string, context: string): string {
    if (keyIdOf(cipher) === this.current) return cipher;
    const { dataKey, body } = this.open(cipher, context);
    return this.envelope(dataKey, body.toString('base64url'), context);
  }

  private envelope(dataKey: Buffer, body: string, context: string): string {
    const master = this.keys.get(this.current);
    if (master === undefined) throw new DecryptionFailed('current field key is missing');
    const wrapped = seal(master, dataKey, wrapContext(this.current, context));
    return [version, this.current, wrapped.toString('base64url'), body].join('.');
  }

  private open(cipher: string, context: string): { dataKey: Buffer; body: Buffer } {
    const [form, keyId, wrappedText, bodyText, ...rest] = cipher.split('.');
    if (form !== version || keyId === undefined || rest.length > 0) {
      throw new DecryptionFailed('not an encrypted field');
    }
    const master = this.keys.get(keyId);
    if (master === undefined) throw new DecryptionFailed(`field key ${keyId} is not known here`);
    const wrapped = strictBase64(wrappedText ?? '', 'base64url');
    const body = strictBase64(bodyText ?? '', 'base64url');
    if (wrapped === null || body === null) throw new DecryptionFailed('not an encrypted field');
    return { dataKey: unseal(master, wrapped, wrapContext(keyId, context)), body };
  }
}

/** Id of the master key that a text is encrypted under, for finding what a rotation left. */
export function keyIdOf(cipher: string): string | null {
  const [form, keyId] = cipher.split('.');
  return form === version && keyId !== undefined ? keyId : null;
}

function masterKey(id: string, text: string): Buffer {
  if (!keyIdShape.test(id)) throw new Error('field key id must be 1-32 letters, digits, - or _');
  const key = Buffer.from(text, 'base64');
  if (key.length !== keyBytes) throw new Error(`field key ${id} must be 32 bytes, base64`);
  return key;
}

function wrapContext(keyId: string, context: string): Buffer {
  return frame('qingfen-field-key-v1', [keyId, context]);
}

function bodyContext(context: string): Buffer {
  return frame('qingfen-field-v1', [context]);
}

function seal(key: Buffer, plain: Buffer, context: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(context);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, sealed: Buffer, context: Buffer): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new DecryptionFailed('cipher is cut short');
  const nonce = sealed.subarray(0, nonceBytes);
  const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(context);
    decipher.setAuthTag(tag);
    const body = sealed.subarray(nonceBytes + tagBytes);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    // OpenSSL says "unable to authenticate data" for every cause; nothing more is known.
    throw new DecryptionFailed('field does not decrypt under this key and context');
  }
}
