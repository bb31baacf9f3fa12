import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '@qingfen/clock';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { StatusBoard } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { MessageSigner } from '@qingfen/security';
import {
  approvalPage,
  approvalTable,
  askSecondPerson,
  ExpiryStops,
  openApprovalOf,
  type ApprovalRow,
} from './index.js';

const start = new Date('2026-01-05T02:00:00Z');
const dayMs = 86_400_000;
const clock = new VirtualClock(start);
const showing = { owner: 'rules', timezone: 'UTC', now: start } as const;

class MakeTable1700000000001 {
  readonly name = 'MakeTable1700000000001';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of approvalTable(['plan', 'adjustment'])) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

let scratch: ScratchDatabase;
let units: Units;

beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: [MakeTable1700000000001], schema: 'rules' });
  const { privateKey } = generateKeyPairSync('ed25519');
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = new MessageSigner({ keyId: 'k-1', privateKeyPem });
  units = new Units({ database: scratch.database, service: 'rules', signer, clock });
});

afterAll(() => scratch.drop());

function ask(shopId: string, subjectId: string, wants = 'plan'): Promise<ApprovalRow> {
  const wanted = { wants, document: { subjectId } };
  return units.run((unit) =>
    askSecondPerson(unit, { shopId, wanted, subjectId, summary: 'words', maker: 'mia' }),
  );
}

async function ids(shopId: string, query: unknown): Promise<[string[], string | null]> {
  const page = await approvalPage(scratch.database, { shopId, query }, showing);
  return [page.items.map(({ approvalId }) => approvalId), page.nextCursor];
}

describe('approvals', () => {
  it('are listed by the shop, oldest first, a page behind any id', async () => {
    const rows = [];
    for (let at = 0; at < 5; at += 1) rows.push(await ask('s-page', `p-${at}`));
    await ask('s-other', 'p-9');
    const all = rows.map(({ approval_id: id }) => `pa_${id}`);
    expect(await ids('s-page', {})).toEqual([all, null]);
    expect(await ids('s-page', { limit: '2' })).toEqual([all.slice(0, 2), all[1]]);
    expect(await ids('s-page', { limit: '2', cursor: all[2] })).toEqual([all.slice(3), null]);
    expect(await ids('s-page', { limit: '3', cursor: all[1] })).toEqual([all.slice(2), null]);
    expect(await ids('s-none', {})).toEqual([[], null]);
    await expect(ids('s-page', { cursor: 'ap_1' })).rejects.toMatchObject({
      problem: { status: 404 },
    });
    await expect(ids('s-page', { limit: '0' })).rejects.toMatchObject({ problem: { status: 400 } });
  });

  it('are found while they wait for the same thing in the same shop', async () => {
    const row = await ask('s-same', 'p-1');
    const found = (shopId: string, subjectId: string, wants = 'plan'): Promise<unknown> =>
      units.run(async (unit) => {
        const open = await openApprovalOf(unit, { shopId, wants, subjectId });
        return open?.approval_id;
      });
    expect(await found('s-same', 'p-1')).toBe(row.approval_id);
    expect(await found('s-same', 'p-2')).toBeUndefined();
    expect(await found('s-same', 'p-1', 'adjustment')).toBeUndefined();
    expect(await found('s-else', 'p-1')).toBeUndefined();
  });

  it('are of the things that the table is for', async () => {
    await expect(ask('s-odd', 'p-1', 'payout')).rejects.toThrow(/check constraint/);
  });

  it('a moving clock stops where the next one expires', async () => {
    const board = new StatusBoard();
    new ExpiryStops(scratch.database, clock, board).onApplicationBootstrap();
    await ask('s-stop', 'p-1');
    expect((await board.read()).nextDueAt).toEqual(new Date(start.getTime() + 7 * dayMs));
    clock.take(new Date(start.getTime() + 7 * dayMs));
    expect((await board.read()).nextDueAt).toBeNull();
  });
});
