import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Servers } from '../servers.js';
import type { BigBill } from './big-bill.js';

const database = 'bench_copy';
const pieceChars = 1_000_000;

/** Lines a second of COPY of the same rows into a table without an index, by who looks at none of them. */
export async function copyBill(servers: Servers, { csv, lineCount }: BigBill): Promise<number> {
  await servers.newDatabase(database);
  const client = await servers.connect(database);
  try {
    await client.query(
      `CREATE TABLE bill_line (log_no text, alipay_no text, out_no text, title text, at timestamptz,
         account text, amount_minor bigint, balance_minor bigint, channel text, kind text, memo text)`,
    );
    await client.query('CHECKPOINT');
    const startedAt = performance.now();
    const sink = client.query(copyFrom('COPY bill_line FROM STDIN (FORMAT csv)'));
    await pipeline(Readable.from(pieces(csv)), sink);
    return lineCount / ((performance.now() - startedAt) / 1_000);
  } finally {
    await client.end();
    await servers.dropDatabase(database);
  }
}

function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += pieceChars) yield text.slice(at, at + pieceChars);
}
