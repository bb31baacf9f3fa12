import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '@qingfen/clock';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { gatewayService } from '../index.js';
import { AccessLog } from './access-log.js';
import { auditedAccesses } from './access-log.store.js';
import { dropOldAccesses } from './access-retention.js';

let scratch: ScratchDatabase;
const clock = new VirtualClock(new Date('2026-01-31T23:59:00+08:00'));

beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: migrationsOf(gatewayService), schema: 'gateway' });
});
afterAll(() => scratch.drop());

const caller: Caller = {
  issuer: 'gateway',
  subject: 'olga',
  roles: [
    { role: 'viewer', shopId: '*' },
    { role: 'operator', shopId: 's-1' },
    { role: 'admin', shopId: 's-2' },
  ],
  requestId: 'r-1',
};
const readPayee = (shopId: string | null, subject: string) => ({
  call: 'readPayee',
  shopId,
  subject,
});

async function listed(
  shopId: string,
  month: readonly [string, string],
  after = '0',
  limit = 100,
): Promise<readonly (readonly unknown[])[]> {
  const [from, to] = month.map((at) => new Date(at)) as [Date, Date];
  return auditedAccesses(scratch.database, { shopId, from, to, after, limit });
}

const january = ['2026-01-01T00:00:00+08:00', '2026-02-01T00:00:00+08:00'] as const;
const february = ['2026-02-01T00:00:00+08:00', '2026-03-01T00:00:00+08:00'] as const;

async function months(): Promise<string[]> {
  const rows = await scratch.database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname LIKE 'access\\_log\\_2%' AND relkind = 'r'
      ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe('R-OPS-3 R-SEC-3 the access log', () => {
  it('R-OPS-3 has who, by which roles, what, of whom, when and how it ended, and nothing else', async () => {
    const log = new AccessLog(scratch.database, clock);
    await log.note(caller, readPayee('s-1', 'd-1'), 200);
    await log.note(caller, readPayee('s-2', 'd-2'), 404);
    await log.note(caller, { call: 'listAlerts', shopId: null, subject: '' }, 200);
    const at = clock.now().getTime();
    expect(await listed('s-1', january)).toEqual([
      ['1', at, 'olga', 'operator,viewer', 'readPayee', 's-1', 'd-1', 200, 'r-1'],
      ['3', at, 'olga', 'viewer', 'listAlerts', '*', '', 200, 'r-1'],
    ]);
    const others = await listed('s-2', january);
    expect(others.map((record) => [record[0], record[3], record[7]])).toEqual([
      ['2', 'admin,viewer', 404],
      ['3', 'viewer', 200],
    ]);
  });

  it('R-OPS-3 is told month by month and page by page, by whichever replica wrote it', async () => {
    clock.take(new Date('2026-02-01T00:00:00+08:00'));
    const [one, other] = [1, 2].map(() => new AccessLog(scratch.database, clock)) as [
      AccessLog,
      AccessLog,
    ];
    const noted = Array.from({ length: 20 }, (_, index) => {
      const log = index % 2 === 0 ? one : other;
      return log.note(caller, readPayee('s-1', `d-${index}`), 200);
    });
    await Promise.all(noted);
    expect(await months()).toEqual(['access_log_2026_01', 'access_log_2026_02']);
    expect(await listed('s-1', january)).toHaveLength(2);
    const seen: unknown[] = [];
    for (let after = '0'; ;) {
      const page = await listed('s-1', february, after, 3);
      if (page.length === 0) break;
      seen.push(...page.map((record) => record[6]));
      after = String(page.at(-1)?.[0]);
    }
    expect(new Set(seen).size).toBe(20);
    expect(seen).toHaveLength(20);
  });

  it('R-SEC-3 nobody changes or deletes a row of it', async () => {
    const { database } = scratch;
    const refused = 'only ever appended to';
    await expect(database.query(`UPDATE access_log SET actor = 'x'`)).rejects.toThrow(refused);
    await expect(database.query('DELETE FROM access_log')).rejects.toThrow(refused);
    await expect(database.query('DELETE FROM access_log_2026_01')).rejects.toThrow(refused);
  });

  it('R-OPS-3 goes by whole months once they need not be kept, and the audit says so', async () => {
    const now = new Date('2026-04-15T10:00:00+08:00');
    expect(await dropOldAccesses(scratch.database, { now, keepMonths: 3 })).toEqual([]);
    expect(await dropOldAccesses(scratch.database, { now, keepMonths: 2 })).toEqual(['2026-01']);
    expect(await months()).toEqual(['access_log_2026_02']);
    expect(await listed('s-1', january)).toEqual([]);
    expect(await listed('s-1', february)).toHaveLength(20);
    const acts = await scratch.database.query(
      `SELECT action, subject_id AS month, actor FROM audit`,
    );
    expect(acts).toEqual([{ action: 'access-log.drop', month: '2026-01', actor: 'gateway' }]);
  });
});
