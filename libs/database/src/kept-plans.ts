import { createHash } from 'node:crypto';

/**
 * Texts asked so often get a name, under which each connection keeps what the server made of them.
 * As many times as in pgjdbc (`prepareThreshold`), so that what is asked now and then takes no
 * memory on the server.
 */
const keptFromTimes = 5;
/** Texts that are counted; one that a program puts together anew each time must fill no memory. */
const textsMax = 1_000;

/** Says which statements are worth keeping, by how often each text was asked in this process. */
export class KeptPlans {
  private readonly times = new Map<string, number>();
  private readonly names = new Map<string, string>();

  /** The name under which a connection keeps the statement; undefined: it is planned anew. */
  nameOf(sql: string): string | undefined {
    const known = this.names.get(sql);
    if (known !== undefined) return known;
    const times = (this.times.get(sql) ?? 0) + 1;
    if (times < keptFromTimes) {
      if (times > 1 || this.times.size + this.names.size < textsMax) this.times.set(sql, times);
      return undefined;
    }
    this.times.delete(sql);
    const name = statementName(sql);
    this.names.set(sql, name);
    return name;
  }
}

/** A name that means one text only; PostgreSQL cuts names off after 63 bytes. */
export function statementName(sql: string): string {
  return `q_${createHash('sha256').update(sql).digest('base64url').slice(0, 24)}`;
}
