/**
 * Bytes of several parts that no other list of parts has: each part is one byte (0: absent, 1:
 * present), then for a present one its length as 32-bit big-endian and its bytes. Joining parts
 * without lengths would let bytes move from one part to its neighbour under the same signature.
 */
export function frame(domain: string, parts: readonly (Buffer | string | null)[]): Buffer {
  const chunks: Buffer[] = [];
  for (const part of [domain, ...parts]) {
    if (part === null) {
      chunks.push(Buffer.from([0]));
      continue;
    }
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    const head = Buffer.alloc(5);
    head.writeUInt8(1, 0);
    head.writeUInt32BE(bytes.length, 1);
    chunks.push(head, bytes);
  }
  return Buffer.concat(chunks);
}

/** Base64 without padding trouble: null unless the text is exactly what encoding gives. */
export function strictBase64(text: string, encoding: 'base64' | 'base64url'): Buffer | null {
  const bytes = Buffer.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : null;
}
