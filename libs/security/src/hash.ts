import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Whether two texts are the same, in a time that does not tell where they differ. Both are hashed
 * first, so that lengths do not show either.
 */
export function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(left), digest(right));
}

/**
 * A keyed hash by which an encrypted column can be looked up and compared without decrypting it.
 * Equal texts have equal hashes under one key; nobody without the key can guess texts from hashes.
 */
export class BlindIndex {
  private readonly key: Buffer;

  /** @throws Error unless the key is base64 of at least 32 bytes. */
  constructor(keyBase64: string) {
    this.key = Buffer.from(keyBase64, 'base64');
    if (this.key.length < 32) throw new Error('blind index key must be at least 32 bytes, base64');
  }

  /** HMAC-SHA-256 of the text as it stands (the caller decides what counts as equal), hex. */
  of(text: string): string {
    return createHmac('sha256', this.key).update(text, 'utf8').digest('hex');
  }
}
