import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';
import { UnreadableBill } from './bill-line.js';

/** 2 entries are usual; a file with very many is not one of Alipay's bills. */
const entriesMax = 16;

/**
 * The bytes of the detail file in a bill's ZIP, piece by piece, its length and CRC checked at the end.
 * Names are GBK without a flag that says so, as Alipay writes them (alipay.md 8.2).
 *
 * @throws UnreadableBill
 */
export async function* detailBytes(
  zip: Buffer,
  { unzippedBytesMax }: { readonly unzippedBytesMax: number },
): AsyncGenerator<Buffer> {
  const entry = await detailEntry(zip);
  if (entry.uncompressedSize > unzippedBytesMax) {
    throw new UnreadableBill('too-large', `${entry.uncompressedSize} bytes unzipped`);
  }
  let sum = 0;
  try {
    for await (const piece of await entry.open()) {
      if (!Buffer.isBuffer(piece)) throw new TypeError('an entry is read as bytes');
      sum = crc32(piece, sum);
      yield piece;
    }
  } catch (error) {
    throw new UnreadableBill('truncated', `the file cannot be unzipped: ${textOf(error)}`);
  }
  if (sum !== entry.crc32) throw new UnreadableBill('truncated', 'the CRC of the file is wrong');
}

interface Entry {
  readonly uncompressedSize: number;
  readonly crc32: number;
  readonly open: () => Promise<AsyncIterable<unknown>>;
}

async function detailEntry(bytes: Buffer): Promise<Entry> {
  const zip = await opened(bytes);
  const names: string[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const name = new TextDecoder('gb18030').decode(entry.fileNameRaw);
      names.push(name);
      if (names.length > entriesMax) break;
      if (!name.endsWith('.csv') || name.includes('汇总')) continue;
      const { uncompressedSize, crc32: sum } = entry;
      return { uncompressedSize, crc32: sum, open: () => zip.openReadStreamPromise(entry) };
    }
  } catch (error) {
    throw new UnreadableBill('truncated', `the list of files is broken: ${textOf(error)}`);
  }
  throw new UnreadableBill('no-detail', `none of ${names.length} files is a bill's detail`);
}

async function opened(bytes: Buffer): ReturnType<typeof fromBufferPromise> {
  try {
    return await fromBufferPromise(bytes, { lazyEntries: true, decodeStrings: false });
  } catch (error) {
    // The list of a ZIP's files stands at its end: a file cut short has none.
    const problem = bytes.subarray(0, 2).toString('latin1') === 'PK' ? 'truncated' : 'not-a-zip';
    throw new UnreadableBill(problem, textOf(error));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
