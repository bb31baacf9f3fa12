import { isDay, localMonth } from '@qingfen/calendar';
import { advisoryLock, insertRows, type Database, type Tx } from '@qingfen/database';
import type { ListRecord, ListSpan } from '@qingfen/hosting';

/** Somebody was answered something. */
export interface Access {
  readonly at: Date;
  readonly actor: string;
  /** What the person may do on the shop, or on all. */
  readonly roles: readonly string[];
  readonly shopId: string | null;
  readonly call: string;
  readonly subject: string;
  readonly status: number;
  readonly requestId: string;
}

/** Months of the log are those of the installation's own zone. */
const timezone = 'Asia/Shanghai';
const offset = '+08:00';
const lock = 'access log';
const noShop = '*';

/** Which month of the log an instant belongs to, `2026-01`. */
export function monthOfLog(at: Date): string {
  return localMonth(at, timezone);
}

/** Makes room for a month, once; whoever else does the same waits and finds it there. */
export async function openMonth(tx: Tx, month: string): Promise<void> {
  await advisoryLock(tx, lock, 'exclusive');
  const [from, to] = [month, monthsAfter(month, 1)].map((one) => `${one}-01T00:00:00${offset}`);
  await tx.query(
    `CREATE TABLE IF NOT EXISTS ${tableOf(month)} PARTITION OF access_log
       FOR VALUES FROM ('${from}') TO ('${to}')`,
  );
}

/** Appends what was answered; its months have to be open. */
export async function appendAccesses(tx: Tx, accesses: readonly Access[]): Promise<void> {
  await insertRows(tx, {
    table: 'access_log',
    columns: {
      shop_id: 'text',
      at: 'timestamptz',
      actor: 'text',
      roles: 'text',
      call: 'text',
      subject: 'text',
      status: 'smallint',
      request_id: 'text',
    },
    rows: accesses.map((one) => [
      one.shopId ?? noShop,
      one.at,
      one.actor,
      one.roles.join(','),
      one.call,
      one.subject,
      one.status,
      one.requestId,
    ]),
  });
}

/** Months of the log that lie before another one, the oldest first. */
export async function monthsBefore(tx: Tx, month: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'access_log'::regclass ORDER BY 1 LIMIT 1200`,
  );
  const months = rows.map(({ name }) => name.slice(-7).replace('_', '-'));
  return months.filter((one) => one < month).slice(0, limit);
}

/** Takes a month out of the log, all of it. */
export async function dropMonth(tx: Tx, month: string): Promise<void> {
  await advisoryLock(tx, lock, 'exclusive');
  await tx.query(`DROP TABLE IF EXISTS ${tableOf(month)}`);
}

/** The month so many months after (or, negative, before) one. */
export function monthsAfter(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

interface AccessRow {
  readonly access_id: bigint;
  readonly shop_id: string;
  readonly at: Date;
  readonly actor: string;
  readonly roles: string;
  readonly call: string;
  readonly subject: string;
  readonly status: number;
  readonly request_id: string;
}

const pageOf = (shop: string): string => `(
  SELECT * FROM access_log
   WHERE shop_id = ${shop} AND at >= $2 AND at < $3 AND access_id > $4
   ORDER BY access_id LIMIT $5)`;

/** Of a shop, and of what names no shop and so concerns all, by the order in which it was answered. */
export async function auditedAccesses(
  database: Pick<Database, 'query'>,
  { shopId, from, to, after, limit }: ListSpan,
): Promise<ListRecord[]> {
  const rows = await database.query<AccessRow>(
    `SELECT * FROM (${pageOf('$1')} UNION ALL ${pageOf(`'${noShop}'`)}) AS accesses
      ORDER BY access_id LIMIT $5`,
    [shopId, from, to, BigInt(after), limit],
  );
  return rows.map((row) => [
    row.access_id.toString(),
    ...[row.at.getTime(), row.actor, row.roles, row.call, row.shop_id, row.subject],
    ...[row.status, row.request_id],
  ]);
}

function tableOf(month: string): string {
  if (!isDay(`${month}-01`)) throw new RangeError(`not a month: ${month}`);
  return `access_log_${month.replace('-', '_')}`;
}
