import { UsageError } from './config.js';
import { readCsvFile } from './csv-file.js';
import type { BadLine, FileMessage, FileReading } from './file-message.js';
import { readNdjsonFile } from './ndjson-file.js';

/**
 * Reads the messages of a file in its order.
 *
 * @throws UsageError for a file of another kind, one that cannot be read, or a CSV whose header
 * does not say what its columns are.
 */
export function readOrderFile(
  file: string,
  reading: FileReading = {},
): AsyncGenerator<FileMessage | BadLine> {
  if (/\.csv(\.gz)?$/i.test(file)) return readCsvFile(file, reading);
  if (/\.ndjson(\.gz)?$/i.test(file)) {
    const [option] = Object.entries(reading).flatMap(([name, value]) =>
      value === undefined || value === false ? [] : [name],
    );
    if (option === undefined) return readNdjsonFile(file);
    const names = '--payees, --shop, --time and --ignore-columns';
    throw new UsageError(`${file}: ${names} are for .csv; a line of .ndjson says all that itself`);
  }
  throw new UsageError(
    `${file}: its name says no kind we know; give .ndjson of {topic,key,value} or .csv, ` +
      'either of them also with .gz',
  );
}
