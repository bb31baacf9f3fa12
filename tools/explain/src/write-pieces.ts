import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { PassThrough, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Writes pieces of text into a file as they come, packed where its name ends in `.gz`; for the owner alone. */
export async function writePieces(
  file: string,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const head: Writable = file.endsWith('.gz') ? createGzip() : new PassThrough();
  const end = head.pipe(createWriteStream(file, { mode: 0o600 }));
  const written = finished(end);
  for await (const piece of pieces) if (!head.write(piece)) await once(head, 'drain');
  head.end();
  await written;
}
