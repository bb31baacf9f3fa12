import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ledgerHeadFileSchema,
  type LedgerHeadFile,
  type LedgerKey,
  type LedgerKeysFile,
} from '@qingfen/contracts';
import type { SignedHead } from './ledger-head.store.js';
import { publicKeyOf, publishedHead } from './ledger-view.js';

/** Days of a shop's files that a verification compares; older ones were compared before. */
const filesReadMax = 1_000;

/**
 * The heads of each day as files outside of the database: `<folder>/<shop>/<day>.json`. Whoever cuts off
 * the journal's end in the database does not reach them; copy them to where nobody can write.
 */
export class HeadFiles {
  /** @param folder null keeps no files */
  constructor(private readonly folder: string | null) {}

  /** Writes a head over an earlier one of its day, with the keys that lead to its own. */
  async keep(head: SignedHead, keys: readonly LedgerKey[]): Promise<void> {
    if (this.folder === null) return;
    const document: LedgerHeadFile = {
      format: 'qingfen-head/1',
      ...publishedHead(head, keys),
      publicKey: publicKeyOf(keys, head.keyId),
    };
    await write(this.fileOf(head), document);
  }

  /** Writes those that are not there or older: a process may have died between its commit and the file. */
  async keepMissing(heads: readonly SignedHead[], keys: readonly LedgerKey[]): Promise<void> {
    if (this.folder === null) return;
    for (const head of heads) {
      if ((await blockIn(this.fileOf(head))) < head.block) await this.keep(head, keys);
    }
  }

  /** Writes every key that heads were ever signed with, beside the shops. */
  async keepKeys(keys: readonly LedgerKey[]): Promise<void> {
    if (this.folder === null) return;
    const document: LedgerKeysFile = { format: 'qingfen-ledger-keys/1', keys: [...keys] };
    await write(path.join(this.folder, 'keys.json'), document);
  }

  /** The heads of a shop's last days; what is no head any more is told as a text. */
  async read(shopId: string): Promise<(LedgerHeadFile | { readonly unreadable: string })[]> {
    if (this.folder === null) return [];
    const folder = path.join(this.folder, shopId);
    const names = await readdir(folder).catch(noFolder);
    const days = names.filter((name) => name.endsWith('.json')).sort();
    const read: (LedgerHeadFile | { readonly unreadable: string })[] = [];
    for (const name of days.slice(-filesReadMax)) {
      read.push(parse(name, await readFile(path.join(folder, name), 'utf8')));
    }
    return read;
  }

  private fileOf({ shopId, day }: SignedHead): string {
    return path.join(this.folder ?? '', shopId, `${day}.json`);
  }
}

/** Whole, or not at all. */
async function write(file: string, document: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(document, null, 2)}\n`, { flush: true });
  await rename(`${file}.new`, file);
}

function parse(name: string, text: string): LedgerHeadFile | { readonly unreadable: string } {
  try {
    return ledgerHeadFileSchema.parse(JSON.parse(text));
  } catch {
    return { unreadable: name };
  }
}

/** The block that a file is the head of; 0 where there is no such file, or none that is a head. */
async function blockIn(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(noFile);
  const head = parse(file, text);
  return 'unreadable' in head ? 0 : head.block;
}

/** A shop of which no head was written yet has no folder. */
function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function noFile(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
