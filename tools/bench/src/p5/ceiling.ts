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
INSERT INTO ceiling_entry (shop_id, account_no, entry_id, statement_no, amount_minor)
SELECT shop_id, account_no, entry_id, account_no, amount_minor FROM unstated
 ORDER BY shop_id, account_no, entry_id`;

const sql: Readonly<Record<CeilingStyle, string>> = {
  statements: sums,
  'statements and their entries': `WITH listed AS (${lists}) ${sums}`,
};

// A row for each entry, found by the entry and by its statement.
const table = [
  `CREATE TABLE ceiling_entry (
     shop_id text NOT NULL, account_no bigint NOT NULL, entry_id bigint NOT NULL,
     statement_no bigint NOT NULL, amount_minor bigint NOT NULL,
     PRIMARY KEY (shop_id, account_no, entry_id))`,
  'CREATE INDEX ceiling_entry_of ON ceiling_entry (shop_id, statement_no)',
];

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
    for (const statement of table) await client.query(statement);
    const startedAt = performance.now();
    await client.query(sql[style]);
    return entries / ((performance.now() - startedAt) / 1_000);
  } finally {
    await client.end();
    await servers.dropDatabase(database);
  }
}
