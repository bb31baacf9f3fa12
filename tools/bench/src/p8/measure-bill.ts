import { makeSecrets } from '@qingfen/security';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MeasureContext } from '../context.js';
import { compete, type MeasureResult } from '../measure.js';
import { bigBill } from './big-bill.js';
import { copyBill } from './copy-bill.js';
import { reconcileBill } from './product-bill.js';

const lineCount = 1_000_000;
const shopId = 'shop-bill';
const day = '2026-01-05';

/** P8: a bill of a million rows, reconciled, against COPY of the same rows. */
export async function measureBill(context: MeasureContext): Promise<MeasureResult> {
  const { servers, rounds, say } = context;
  say(`P8: writing a bill of ${lineCount} rows`);
  const secrets = makeSecrets();
  const secretsFile = path.join(servers.directory, 'bill-secrets.json');
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  const bill = bigBill(shopId, day, lineCount);
  const round = { servers, secrets, secretsFile, shopId, bill };
  return compete(
    {
      id: 'P8',
      title: 'a bill of a million rows: fetched, read, compared, reported',
      unit: 'rows/s',
      better: 'greater',
      rounds,
      product: { name: 'product', run: () => reconcileBill(round) },
      baselines: [
        {
          name: 'COPY of the same rows',
          run: () => copyBill(servers, bill),
          goal: { must: 0.5, aim: 0.8 },
        },
      ],
      say,
    },
    () =>
      `${bill.zip.length} bytes zipped, ${bill.payouts.length} of the rows are payouts; ` +
      'no difference, every row and byte there after every round',
  );
}
