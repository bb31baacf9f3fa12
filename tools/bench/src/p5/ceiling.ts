import type { Servers } from '../servers.js';
import { template } from './books-template.js';

const database = 'bench_ceiling';

/** One SQL statement on a copy of the template: the sums alone, or the list of what they are of as well. */
export type CeilingStyle = 'statements' | 'statements and their entries';

const sums = `
INSERT INTO statement (shop_id, statement_id, statement_no, payee_id, kind, currency, period, cutoff,
                       issued_at, net_minor, entry_count, correlation_id, batch_id)
SELECT c.shop_id, 'st_' || c.account_no, c.account_no, c.owner_id, c.kind, c.currency, 'p', now(), now(),
       sum(u.amount_minor), count(*), 'bench', 1
  FROM unstated u JOIN account c USING (shop_id, account_no)
 GROUP BY c.shop_id, c.account_no, c.owner_id, c.kind, c.currency`;

const lists = `
INSERT INTO statement_entry (shop_id, account_no, entry_id, statement_no, amount_minor)
SELECT shop_id, account_no, entry_id, account_no, amount_minor FROM unstated
 ORDER BY shop_id, account_no, entry_id`;

const sql: Readonly<Record<CeilingStyle, string>> = {
  statements: sums,
  'statements and their entries': `WITH listed AS (${lists}) ${sums}`,
};

/** Entries a second of a server that has nobody to ask and nothing to tell. */
export async function runCeiling(
  servers: Servers,
  entries: number,
  style: CeilingStyle,
): Promise<number> {
  await servers.copyDatabase(template, database);
  const client = await servers.connect(database);
  try {
    await client.query('SET search_path = settlement_calculator');
    const startedAt = performance.now();
    await client.query(sql[style]);
    return entries / ((performance.now() - startedAt) / 1_000);
  } finally {
    await client.end();
    await servers.dropDatabase(database);
  }
}
