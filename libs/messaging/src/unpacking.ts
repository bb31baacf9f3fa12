import kafkajs from 'kafkajs';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';

/** Up to here unpacking takes less time than handing it to another thread and back. */
const atOnceBytesMax = 64 * 1024;

// Not among what Node finds of this CommonJS module's names.
const { CompressionCodecs, CompressionTypes } = kafkajs;
const gunzipElsewhere = promisify(gunzip);

/**
 * Has kafkajs unpack small batches at once. The topics' batches are packed (contracts.md 1), most hold
 * a few kilobytes, and its own codec makes a stream and a trip to another thread of each.
 * Doing it again changes nothing.
 * Source: kafkajs 2.2.4, src/protocol/message/compression/gzip.js.
 */
export function unpackSmallBatchesAtOnce(): void {
  const { compress }: { compress: unknown } = CompressionCodecs[CompressionTypes.GZIP]();
  const decompress = async (packed: Buffer): Promise<Buffer> =>
    packed.length > atOnceBytesMax ? gunzipElsewhere(packed) : gunzipSync(packed);
  CompressionCodecs[CompressionTypes.GZIP] = () => ({ compress, decompress });
}
