import { CopyInto, type LinesToCopy } from './copy-into.js';
import type { Tx } from './types.js';

/** So many bytes go with one COPY: some thousands of lines. */
const bytesAtOnce = 1_000_000;

interface Gathered {
  pieces: Buffer[];
  bytes: number;
}

/**
 * Several tables filled side by side over one connection, which can do one COPY at a time: lines are
 * gathered by table until there are enough for one. While PostgreSQL takes them the next ones are made,
 * so at most two gatherings of each table are in memory.
 */
export class CopyInTurns {
  private readonly gathered = new Map<LinesToCopy, Gathered>();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly tx: Tx) {}

  /** Lines as {@link CopyInto} takes them. Throws what an earlier COPY failed of. */
  async write(table: LinesToCopy, lines: string): Promise<void> {
    const of = this.gathered.get(table) ?? { pieces: [], bytes: 0 };
    // As bytes at once: a text that is put together keeps all that it was made of.
    const piece = Buffer.from(lines);
    of.pieces.push(piece);
    of.bytes += piece.length;
    this.gathered.set(table, of);
    if (of.bytes >= bytesAtOnce) await this.copy(table, of);
  }

  /** Copies what is left. */
  async end(): Promise<void> {
    for (const [table, of] of this.gathered) await this.copy(table, of);
    await this.running;
  }

  /**
   * Forgets what was not copied. To be called whatever happened: a connection in the midst of COPY is good for
   * nothing else.
   */
  async close(): Promise<void> {
    this.gathered.clear();
    await this.running.catch(() => undefined);
  }

  private async copy(table: LinesToCopy, { pieces }: Gathered): Promise<void> {
    this.gathered.delete(table);
    await this.running;
    this.running = copyAll(this.tx, table, pieces);
    // Whoever writes next or ends hears of it.
    this.running.catch(() => undefined);
  }
}

async function copyAll(tx: Tx, table: LinesToCopy, pieces: readonly Buffer[]): Promise<void> {
  const into = CopyInto.begin(tx, table);
  try {
    for (const piece of pieces) await into.write(piece);
  } finally {
    await into.end();
  }
}
