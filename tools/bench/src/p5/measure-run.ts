import { makeSecrets } from '@qingfen/security';
import { later } from '@qingfen/testing';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MeasureContext } from '../context.js';
import { compete, type MeasureResult } from '../measure.js';
import { makeTemplate, template } from './books-template.js';
import { runCeiling, type CeilingStyle } from './ceiling.js';
import { entriesPerOrder, type BooksToFill } from './fill-books.js';
import { runNaively } from './naive-run.js';
import { runProductRuns } from './product-run.js';

const orders = 125_000;
const entries = orders * entriesPerOrder;
const naive = { entries: 5_000, payees: 200 };
const dayMs = 86_400_000;

/** P5: a night's runs over a million matured entries, from the first look to the last payout request. */
export async function measureRun(context: MeasureContext): Promise<MeasureResult> {
  const { servers, until, rounds, say } = context;
  say(`P5: filling books with ${entries} entries`);
  const secrets = makeSecrets();
  const secretsFile = path.join(servers.directory, 'run-secrets.json');
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  const maturedAt = new Date(later(until, -3 * dayMs));
  const books: BooksToFill = {
    shopId: 'shop-run',
    maturedAt,
    orders,
    distributors: 5_000,
    suppliers: 500,
  };
  // One period of each kind lies between here and now, whatever the time of day.
  const plannedUntil = new Date(context.now.getTime() - dayMs);
  await makeTemplate({ servers, secrets, secretsFile, books, plannedUntil });
  const ceiling = (style: CeilingStyle): { name: string; run: () => Promise<number> } => ({
    name: `one INSERT … SELECT … GROUP BY: ${style}`,
    run: () => runCeiling(servers, entries, style),
  });
  try {
    return await compete(
      {
        id: 'P5',
        title: 'a run: matured entries to statements and payout requests',
        unit: 'entries/s',
        better: 'greater',
        rounds,
        product: {
          name: 'product',
          run: () => runProductRuns({ servers, secrets, secretsFile, entries }),
        },
        baselines: [
          { ...ceiling('statements and their entries'), goal: { must: 0.5, aim: 0.8 } },
          { ...ceiling('statements'), goal: null },
          {
            name: 'the naive run, row by row',
            run: () => runNaively(servers, { ...naive, cutoff: new Date(until) }),
            goal: null,
          },
        ],
        say,
      },
      () =>
        `${entries} entries of 5500 payees, the busiest with a tenth of its kind; ` +
        `naive: ${naive.entries} of ${naive.payees}; O1-O3 held after every round`,
    );
  } finally {
    await servers.dropDatabase(template);
  }
}
