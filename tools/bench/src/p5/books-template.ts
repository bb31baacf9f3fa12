import { bootstrap } from '@qingfen/database';
import type { Secrets } from '@qingfen/security';
import { until } from '@qingfen/testing';
import { Child } from '../child.js';
import { calculatorDatabase, calculatorEnvironment, calculatorMain } from '../calculator.js';
import type { Servers } from '../servers.js';
import { fillBooks, type BooksToFill } from './fill-books.js';

export const template = 'bench_run_template';

/** Statements in which everything is paid daily, so that one night's run takes all of it. */
const plan = {
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
  supplier: { cycle: { every: 'day', at: '02:00' } },
};

/** What the template is made from. */
export interface TemplateOptions {
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  readonly books: BooksToFill;
  /** Runs after this instant are still to take place. */
  readonly plannedUntil: Date;
}

/** A database with books full of matured entries and a run of each kind that is due: copied for each round. */
export async function makeTemplate(options: TemplateOptions): Promise<void> {
  const { servers, secrets, secretsFile, books, plannedUntil } = options;
  await servers.newDatabase(template);
  await bootstrap({
    ownerUrl: servers.urlOf(template),
    services: [calculatorDatabase(secrets)],
  });
  await migrate(servers, secrets, secretsFile);
  const client = await servers.connect(template);
  try {
    await fillBooks(client, books);
    const { shopId, maturedAt } = books;
    await client.query(
      `INSERT INTO settlement_calculator.shop (shop_id, name, timezone, transfer_max_minor, updated_at)
       VALUES ($1, 'Bench', 'Asia/Shanghai', 5000000, $2)`,
      [shopId, maturedAt],
    );
    await client.query(
      `INSERT INTO settlement_calculator.plan_version
         (shop_id, version, currency, document, hash, published_at, effective_from)
       VALUES ($1, 1, 'CNY', $2, 'bench', $3, $3)`,
      [shopId, JSON.stringify(plan), maturedAt],
    );
    await client.query(
      `INSERT INTO settlement_calculator.schedule (shop_id, kind, currency, planned_until, next_at)
       SELECT $1, kind, 'CNY', $2, $2 FROM unnest(ARRAY['commission', 'supplier']) AS kind`,
      [shopId, plannedUntil],
    );
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

/** The service makes its tables itself, at its first start. */
async function migrate(servers: Servers, secrets: Secrets, secretsFile: string): Promise<void> {
  const env = await calculatorEnvironment({ servers, secrets, secretsFile, database: template });
  const client = await servers.connect(template);
  const child = Child.start(calculatorMain, [], env);
  try {
    await until(
      'the tables to be made',
      async () => {
        child.throwIfOver();
        const { rows } = await client.query<{ there: boolean }>(
          `SELECT to_regclass('settlement_calculator.settled_outside') IS NOT NULL AS there`,
        );
        return rows[0]?.there === true;
      },
      { deadlineMs: 60_000 },
    );
  } finally {
    await child.stop();
    await client.end();
  }
}
