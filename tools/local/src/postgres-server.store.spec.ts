import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { stampEnvironment } from './installation.js';
import { processesIn } from './process-identity.js';
import { startPostgres, type LoneServer } from './servers.js';
import { StartFailure } from './start-failure.js';
import { probe } from './waiting.js';

jest.setTimeout(120_000);

const directory = mkdtempSync(path.join(tmpdir(), 'qingfen-postgres-'));
let server: LoneServer;

beforeAll(async () => {
  server = await startPostgres({ directory });
});

afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ask(sql: string, url = server.address): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the PostgreSQL that npm brings', () => {
  it('writes a commit to the disk before it reports it', async () => {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      expect(await ask(`show ${setting}`)).toEqual([{ [setting]: 'on' }]);
    }
    expect(await ask('show data_checksums')).toEqual([{ data_checksums: 'on' }]);
  });

  it('lets nobody in without the password, which only its owner may read', async () => {
    const file = path.join(directory, 'postgres-password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const url = new URL(server.address);
    expect(decodeURIComponent(url.password)).toBe(readFileSync(file, 'utf8').trim());
    url.password = 'guess';
    await expect(ask('select 1', url.href)).rejects.toThrow(/password authentication failed/);
  });

  it('keeps every acknowledged row through a kill -9, with a session open', async () => {
    await ask('create table kept (number int primary key)');
    await ask('insert into kept select generate_series(1, 1000)');
    const idle = new pg.Client({ connectionString: server.address });
    idle.on('error', () => undefined);
    await idle.connect();
    const killed = server.pid();
    if (killed === undefined) throw new Error('it does not run');
    process.kill(killed, 'SIGKILL');
    const isBack = (): Promise<boolean> =>
      server.pid() === killed ? Promise.resolve(false) : server.isReady();
    expect(await probe(isBack, { withinMs: 60_000 })).toBe(true);
    await idle.end().catch(() => undefined);
    expect(await ask('select count(*)::int as count from kept')).toEqual([{ count: 1000 }]);
  });

  it('stops with sessions open and comes back with its data on another port', async () => {
    const idle = new pg.Client({ connectionString: server.address });
    idle.on('error', () => undefined);
    await idle.connect();
    await server.stop();
    const cluster = path.join(directory, 'postgres');
    expect(processesIn(cluster)).toEqual([]);
    server = await startPostgres({ directory });
    expect(await ask('select count(*)::int as count from kept')).toEqual([{ count: 1000 }]);
    await idle.end().catch(() => undefined);
  });

  it('keeps the environment that it was first stamped with', async () => {
    await stampEnvironment(server.address, 'local-sandbox');
    await stampEnvironment(server.address, 'local-sandbox');
    const other = stampEnvironment(server.address, 'production');
    await expect(other).rejects.toThrow(StartFailure);
    await expect(other).rejects.toThrow(/belongs to local-sandbox/);
  });
});
