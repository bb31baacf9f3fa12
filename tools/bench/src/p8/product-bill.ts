import { bootstrap, CopyInto } from '@qingfen/database';
import type { Secrets } from '@qingfen/security';
import { until } from '@qingfen/testing';
import path from 'node:path';
import type { Client } from 'pg';
import { Child } from '../child.js';
import { freePort } from '../free-port.js';
import type { Servers } from '../servers.js';
import type { BigBill } from './big-bill.js';
import { Neighbours } from './neighbours.js';

const main = path.resolve(import.meta.dirname, '../../../../apps/reconciliation/dist/main.js');
const database = 'bench_bill';
const schema = 'reconciliation';
const group = 'qf-reconciliation-told';
const deadlineMs = 300_000;

/** What one round works on. */
export interface BillRound {
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  readonly shopId: string;
  readonly bill: BigBill;
}

/**
 * Lines a second of the service's own process, from when the day is due until it is done: the file fetched
 * over HTTP, kept byte for byte, read, copied, compared with the day's payouts, reported.
 */
export async function reconcileBill(round: BillRound): Promise<number> {
  const { servers, secrets, bill } = round;
  await servers.newDatabase(database);
  const password = secrets.services.reconciliation.databasePassword;
  const role = 'qf_reconciliation';
  await bootstrap({
    ownerUrl: servers.urlOf(database),
    services: [{ schema, role, password }],
  });
  await servers.forgetGroups([group]);
  const neighbours = await Neighbours.start(bill.zip, '0.00');
  const client = await servers.connect(database);
  const child = Child.start(main, [], await environmentOf(round, neighbours.url));
  try {
    await until('the tables to be made', () => isMigrated(client, child), { deadlineMs });
    await client.query(`SET search_path = ${schema}`);
    await fillPayouts(client, round);
    const seconds = await secondsFor(client, child, round);
    await check(client, round);
    return bill.lineCount / seconds;
  } finally {
    await child.stop();
    await client.end();
    await neighbours.stop();
    await servers.dropDatabase(database);
  }
}

async function environmentOf(
  { servers, secrets, secretsFile }: BillRound,
  neighbour: string,
): Promise<Readonly<Record<string, string>>> {
  const url = new URL(servers.urlOf(database));
  url.username = 'qf_reconciliation';
  url.password = encodeURIComponent(secrets.services.reconciliation.databasePassword);
  return {
    TZ: 'Asia/Shanghai',
    LOG_LEVEL: 'warn',
    QINGFEN_ENVIRONMENT: 'local-sandbox',
    QINGFEN_CLOCK: 'system',
    QINGFEN_SECRETS_FILE: secretsFile,
    QINGFEN_SERVICES: JSON.stringify({
      reconciliation: `http://127.0.0.1:${await freePort()}`,
      payout: neighbour,
      'settlement-calculator': neighbour,
    }),
    KAFKA_BROKERS: servers.brokers,
    DATABASE_URL_RECONCILIATION: url.href,
    ALIPAY_GATEWAY: 'http://127.0.0.1:9',
  };
}

async function isMigrated(client: Client, child: Child): Promise<boolean> {
  child.throwIfOver();
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('reconciliation.order_export_row') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true;
}

/** The payouts of the day, as the topics have told them. */
async function fillPayouts(client: Client, { shopId, bill }: BillRound): Promise<void> {
  const { day, payouts } = bill;
  const noon = new Date(`${day}T12:00:00+08:00`);
  const shared = { client } as unknown as Parameters<typeof CopyInto.begin>[0];
  const into = CopyInto.begin(shared, {
    table: 'told_payout',
    columns: [
      ...['shop_id', 'payout_id', 'statement_id', 'out_biz_no', 'currency', 'amount_minor'],
      ...['kind', 'is_requested', 'requested_at', 'status', 'seq', 'succeeded_at', 'ended_at'],
      'told_on',
    ],
  });
  const at = noon.toISOString();
  const told = `commission\ttrue\t${at}\tsucceeded\t3\t${at}\t${at}\t2000-01-01`;
  for (let from = 0; from < payouts.length; from += 1_000) {
    const lines = payouts.slice(from, from + 1_000).map(({ payoutId, outBizNo, amountMinor }) => {
      const ids = `${shopId}\t${payoutId}\tst_${payoutId}\t${outBizNo}`;
      return `${ids}\tCNY\t${amountMinor}\t${told}\n`;
    });
    await into.write(lines.join(''));
  }
  await into.end();
  await client.query('ANALYZE told_payout');
  await client.query('CHECKPOINT');
}

async function secondsFor(
  client: Client,
  child: Child,
  { shopId, bill }: BillRound,
): Promise<number> {
  const { rows } = await client.query<{ at: Date }>(
    `INSERT INTO reconciliation (shop_id, day, state, next_try_at)
     VALUES ($1, $2, 'due', now()) RETURNING clock_timestamp() AS at`,
    [shopId, bill.day],
  );
  const begunAt = rows[0]?.at;
  const doneAfter = async (): Promise<number | null> => {
    child.throwIfOver();
    const { rows: seen } = await client.query<{ seconds: string }>(
      `SELECT extract(epoch FROM clock_timestamp() - $3::timestamptz) AS seconds
         FROM reconciliation WHERE shop_id = $1 AND day = $2 AND state = 'done'`,
      [shopId, bill.day, begunAt],
    );
    return seen[0] === undefined ? null : Number(seen[0].seconds);
  };
  const holds = (seen: number | null): boolean => seen !== null;
  const seconds = await until('the day to be done', doneAfter, { deadlineMs, everyMs: 10, holds });
  return seconds ?? Number.NaN;
}

/** @throws Error when the figure is void: a line is missing, or something differs where nothing does */
async function check(client: Client, { bill }: BillRound): Promise<void> {
  const columns = ['lines', 'trades', 'ours', 'cash', 'bytes', 'differences'] as const;
  const { rows } = await client.query<Record<(typeof columns)[number], string>>(
    `SELECT (SELECT line_count FROM bill) AS lines,
            (SELECT count(*) FROM trade_line) AS trades,
            (SELECT count(*) FROM bill_line WHERE class = 'ours') AS ours,
            (SELECT sum(s.value::bigint) FROM bill, jsonb_each_text(class_sums) s) AS cash,
            (SELECT sum(length(bytes)) FROM bill_piece) AS bytes,
            (SELECT count(*) FROM difference) AS differences`,
  );
  const { lineCount, tradeCount, payouts, cashMinor, zip } = bill;
  const wanted = [lineCount, tradeCount, payouts.length, cashMinor, zip.length, 0].join(' ');
  const [row] = rows;
  const seen = columns.map((column) => row?.[column]).join(' ');
  if (seen !== wanted) throw new Error(`P8 is void: ${seen} instead of ${wanted}`);
}
