import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { parseRecord } from './records.js';
import type { BookRecord } from './records.js';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A book whose lines cannot be read: the sandbox refuses to start rather than guess. */
export class BookError extends Error {
  override readonly name = 'BookError';
}

/**
 * The append-only file that everything the sandbox knows is rebuilt from. Lines wait for each
 * other: what arrives while the disk is busy goes out with one write and one fdatasync.
 */
export class Book {
  readonly #file: FileHandle;
  #pending: string[] = [];
  #waiters: Waiter[] = [];
  #flushing: Promise<void> | undefined;
  #broken: unknown;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Opens (or makes) `<directory>/book.ndjson`, cuts a last line that a crash left torn, and hands
   * every record to `replay` in order.
   *
   * @throws BookError when a line in the middle is not a record.
   */
  static async open(directory: string, replay: (record: BookRecord) => void): Promise<Book> {
    await mkdir(directory, { recursive: true });
    const file = await open(path.join(directory, 'book.ndjson'), 'a+', 0o600);
    try {
      await cutTornEnd(file, await readRecords(path.join(directory, 'book.ndjson'), replay));
    } catch (error) {
      await file.close();
      throw error;
    }
    await syncDirectory(directory);
    return new Book(file);
  }

  /** Resolves when these records, and all before them, are on the disk. */
  append(records: readonly BookRecord[]): Promise<void> {
    for (const record of records) this.#pending.push(`${JSON.stringify(record)}\n`);
    return this.settled();
  }

  /**
   * Resolves when everything appended so far is on the disk; rejects for ever after a failed
   * write.
   */
  settled(): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#pending.length === 0 && this.#flushing === undefined) return Promise.resolve();
    const settled = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#flushing ??= this.#flush();
    return settled;
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#waiters.length > 0) {
        const waiters = this.#waiters;
        const lines = this.#pending;
        this.#waiters = [];
        this.#pending = [];
        if (lines.length > 0) {
          try {
            await this.#file.appendFile(lines.join(''));
            await this.#file.datasync();
          } catch (error) {
            this.#broken = error;
            for (const waiter of [...waiters, ...this.#waiters]) waiter.reject(error);
            this.#waiters = [];
            return;
          }
        }
        for (const waiter of waiters) waiter.resolve();
      }
    } finally {
      this.#flushing = undefined;
    }
  }
}

/** Replays whole lines and returns how many bytes they take. */
async function readRecords(file: string, replay: (record: BookRecord) => void): Promise<number> {
  let whole = 0;
  let rest = Buffer.alloc(0);
  let tornLine: number | undefined;
  let line = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      line += 1;
      if (tornLine !== undefined) {
        throw new BookError(`line ${tornLine} of book.ndjson is no record`);
      }
      const record = parseRecord(bytes.toString('utf8', from, end));
      if (record === undefined) {
        throw new BookError(`line ${line} of book.ndjson is of a kind that this version has not`);
      }
      if (record === 'torn') {
        tornLine = line;
      } else {
        replay(record);
        whole += end - from + 1;
      }
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  return whole;
}

async function cutTornEnd(file: FileHandle, wholeBytes: number): Promise<void> {
  const { size } = await file.stat();
  if (size === wholeBytes) return;
  await file.truncate(wholeBytes);
  await file.datasync();
}

/** A new file's name is durable only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync();
  await handle.close();
}
