import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import { identifier } from './bulk-insert.js';
import type { Tx } from './types.js';

/** Where lines go. */
export interface LinesToCopy {
  readonly table: string;
  /** In the order of a line's fields. */
  readonly columns: readonly string[];
}

const copyEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

const copySpecial = /[\\\t\n\r]/;

/** A text as it stands in a line of COPY. */
export function copyEscaped(text: string): string {
  // Nearly no text has any, and to look for one is cheaper than to replace none.
  if (!copySpecial.test(text)) return text;
  return text.replace(/[\\\t\n\r]/g, (char) => copyEscapes[char] ?? char);
}

/**
 * COPY fed piece by piece by whoever makes the lines: fields between tabs, texts through
 * {@link copyEscaped}. While PostgreSQL takes a piece the next one is made.
 */
export class CopyInto {
  private failure: unknown = null;

  private constructor(private readonly sink: ReturnType<typeof copyFrom>) {
    // Whoever writes or ends hears of it; without a listener it would end the process.
    sink.on('error', (error: unknown) => {
      this.failure = error;
    });
  }

  static begin(tx: Tx, what: LinesToCopy): CopyInto {
    const columns = what.columns.map(identifier).join(', ');
    const sql = `COPY ${identifier(what.table)} (${columns}) FROM STDIN`;
    return new CopyInto(tx.client.query(copyFrom(sql)));
  }

  /** Waits while PostgreSQL has more than it can take. */
  async write(lines: string | Buffer): Promise<void> {
    this.throwFailure();
    if (!this.sink.write(lines)) await once(this.sink, 'drain');
  }

  /** To be called whatever happened: a connection in the midst of COPY is good for nothing else. */
  async end(): Promise<void> {
    this.throwFailure();
    this.sink.end();
    if (!this.sink.writableFinished) await once(this.sink, 'finish');
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure;
  }
}
