import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { FileMessage } from './message.js';

const ordersFile = 'online-retail-2010-12_2011-05.ndjson.gz';
const payeesFile = 'payees.ndjson.gz';

/** The real orders and refunds, in order of time. */
export function readOrderMessages(): readonly FileMessage[] {
  return read(ordersFile);
}

/** The payees of both shops. */
export function readPayeeMessages(): readonly FileMessage[] {
  return read(payeesFile);
}

function read(name: string): readonly FileMessage[] {
  return gunzipSync(readFileSync(path.join(dataFolder(import.meta.dirname), name)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): FileMessage => JSON.parse(line));
}

/** The project's own `data`, whether this is run as a source or as what was built of it. */
function dataFolder(from: string): string {
  const folder = path.join(from, 'data');
  if (existsSync(path.join(folder, ordersFile))) return folder;
  const above = path.dirname(from);
  if (above === from) throw new Error(`no data/${ordersFile} above ${import.meta.dirname}`);
  return dataFolder(above);
}
