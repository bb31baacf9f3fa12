import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from './config.js';

/** The name that stands for standard input. */
export const standardInput = '-';

/**
 * A file's text, piece by piece, unpacked where its name ends in `.gz`, without a byte order mark.
 *
 * @throws UsageError when it cannot be read to its end, or is not UTF-8: a guessed character could
 * be a letter of somebody's name or account.
 */
export async function* textOf(file: string): AsyncGenerator<string> {
  const raw: Readable = file === standardInput ? process.stdin : createReadStream(file);
  const input = /\.gz$/i.test(file) ? raw.pipe(createGunzip()) : raw;
  // A pipe carries no errors.
  if (input !== raw) raw.on('error', (error) => void input.destroy(error));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of input) {
      const text = decoder.decode(bytesOf(piece), { stream: true });
      if (text !== '') yield text;
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  } catch (error) {
    throw new UsageError(`${file} ${causeOf(error)}`);
  } finally {
    raw.destroy();
  }
}

function bytesOf(piece: unknown): Uint8Array {
  return Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
}

const notUtf8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';

function causeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === notUtf8) {
    return 'is not UTF-8: save it as UTF-8 (a spreadsheet calls it "CSV UTF-8")';
  }
  const cause = error instanceof Error ? error.message : String(error);
  return `cannot be read to its end: ${cause}`;
}

/** The lines of a file, without their ends (LF or CRLF). */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of textOf(file)) {
    let from = 0;
    let end = piece.indexOf('\n');
    while (end >= 0) {
      yield withoutReturn(rest + piece.slice(from, end));
      [rest, from] = ['', end + 1];
      end = piece.indexOf('\n', from);
    }
    rest += piece.slice(from);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/**
 * SHA-256 of a file's bytes as they lie there, in hexadecimal.
 *
 * @throws UsageError when it cannot be read.
 */
export async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(bytesOf(piece));
  } catch (error) {
    throw new UsageError(`${file} ${causeOf(error)}`);
  }
  return hash.digest('hex');
}
