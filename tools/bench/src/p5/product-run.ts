import type { Secrets } from '@qingfen/security';
import { until } from '@qingfen/testing';
import type { Client } from 'pg';
import { calculatorEnvironment, calculatorGroups, calculatorMain } from '../calculator.js';
import { Child } from '../child.js';
import type { Servers } from '../servers.js';
import { template } from './books-template.js';

const database = 'bench_run';
const deadlineMs = 300_000;
const everyMs = 5;

/** What one round of the product works on: a copy of the template. */
export interface RunRound {
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  readonly entries: number;
}

/**
 * Entries a second of the runs that are due, in the service's own process: from when the first is noted
 * until the last one's last chunk has committed, by PostgreSQL's clock.
 */
export async function runProductRuns(round: RunRound): Promise<number> {
  const { servers, secrets, secretsFile, entries } = round;
  await servers.copyDatabase(template, database);
  await servers.forgetGroups(calculatorGroups);
  const env = await calculatorEnvironment({ servers, secrets, secretsFile, database });
  const client = await servers.connect(database);
  await client.query('SET search_path = settlement_calculator');
  const child = Child.start(calculatorMain, [], env);
  try {
    const seconds = await until('both runs to be done', () => doneAfter(client, child), {
      deadlineMs,
      everyMs,
      holds: (seen) => seen !== null,
    });
    await checkRuns(client, entries);
    return entries / (seconds ?? Number.NaN);
  } finally {
    await child.stop();
    await client.end();
    await servers.dropDatabase(database);
  }
}

async function doneAfter(client: Client, child: Child): Promise<number | null> {
  child.throwIfOver();
  const { rows } = await client.query<{ done: string; seconds: string }>(
    `SELECT count(*) FILTER (WHERE state = 'done') AS done,
            extract(epoch FROM clock_timestamp() - min(noted_at)) AS seconds FROM run`,
  );
  return Number(rows[0]?.done) === 2 ? Number(rows[0]?.seconds) : null;
}

/**
 * O1 to O3 over what the runs left: every entry is on one statement, every statement is what its payee
 * was owed, each has its payout and its word, and the ledger adds up.
 * @throws Error naming the first thing that is wrong: the round's figure is void
 */
async function checkRuns(client: Client, entries: number): Promise<void> {
  const { rows } = await client.query<Record<'what', string>>(
    `WITH owed AS (
       SELECT c.kind, c.owner_id, sum(t.amount) AS net, count(*) AS entries
         FROM accrual a
        CROSS JOIN LATERAL unnest(a.account_nos, a.amounts) AS t(account_no, amount)
         JOIN account c ON c.shop_id = a.shop_id AND c.account_no = t.account_no
        GROUP BY 1, 2
     )
     SELECT 'entries that are still open: ' || count(*) AS what FROM unstated HAVING count(*) > 0
     UNION ALL
     SELECT 'entries on statements: ' || count(*) FROM statement_entry HAVING count(*) <> $1::int
     UNION ALL
     SELECT o.kind || ' ' || o.owner_id || ' is owed ' || o.net || ' and stated ' || coalesce(s.net_minor, 0)
       FROM owed o LEFT JOIN statement s ON s.kind = o.kind AND s.payee_id = o.owner_id
      WHERE s.net_minor IS DISTINCT FROM o.net OR s.entry_count IS DISTINCT FROM o.entries
     UNION ALL
     SELECT 'payout of ' || s.statement_id FROM statement s
       LEFT JOIN payout p ON p.statement_id = s.statement_id
      GROUP BY s.statement_id, s.net_minor HAVING sum(p.amount_minor) IS DISTINCT FROM s.net_minor
     UNION ALL
     SELECT 'in transit: ' || sum(amount_minor) FROM posting WHERE account = 'payout-in-transit'
     HAVING -sum(amount_minor) <> (SELECT sum(net) FROM owed)
     LIMIT 1`,
    [entries],
  );
  const [wrong] = rows;
  if (wrong !== undefined) throw new Error(`P5 is void: ${wrong.what}`);
}
