import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { randomUUID } from 'node:crypto';
import { CreateGateway1763770000007 } from '../migrations/1763770000007-create-gateway.js';
import {
  dropOldAnswers,
  holdKey,
  keepAnswer,
  releaseKey,
  type WriteId,
} from './kept-answer.store.js';

let scratch: ScratchDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: [CreateGateway1763770000007] });
  database = scratch.database;
});

afterAll(() => scratch.drop());

const answer = { status: 201, body: '{"version":1}' };

function writeId(): WriteId {
  return { username: 'admin', method: 'POST', path: '/api/v1/users', key: randomUUID() };
}

function hold(id: WriteId, bodyHash = 'h1', holder: string = randomUUID()) {
  return holdKey(database, id, { holder, bodyHash });
}

describe('kept answers', () => {
  it('a key is held by one of 20 at once', async () => {
    const id = writeId();
    const held = await Promise.all(Array.from({ length: 20 }, () => hold(id)));
    expect(held.filter(({ kind }) => kind === 'ours')).toHaveLength(1);
    expect(held.filter(({ kind }) => kind === 'busy')).toHaveLength(19);
  });

  it('gives the first answer again, and refuses another body', async () => {
    const id = writeId();
    const holder = randomUUID();
    await hold(id, 'h1', holder);
    expect(await hold(id, 'h2')).toEqual({ kind: 'other-body' });
    expect(await keepAnswer(database, id, { holder, answer })).toBe(true);
    expect(await hold(id)).toEqual({ kind: 'answered', answer });
    expect(await hold(id, 'h2')).toEqual({ kind: 'other-body' });
  });

  it('is one key for each person, method and path', async () => {
    const id = writeId();
    await hold(id);
    expect(await hold({ ...id, username: 'other' })).toEqual({ kind: 'ours' });
    expect(await hold({ ...id, method: 'PUT' })).toEqual({ kind: 'ours' });
    expect(await hold({ ...id, path: '/api/v1/shops/s1' })).toEqual({ kind: 'ours' });
  });

  it('a key that was given back is free, one that was answered stays', async () => {
    const id = writeId();
    const holder = randomUUID();
    await hold(id, 'h1', holder);
    await releaseKey(database, id, randomUUID());
    expect(await hold(id)).toEqual({ kind: 'busy' });
    await releaseKey(database, id, holder);
    expect(await hold(id, 'h1', holder)).toEqual({ kind: 'ours' });
    await keepAnswer(database, id, { holder, answer });
    await releaseKey(database, id, holder);
    expect(await hold(id)).toEqual({ kind: 'answered', answer });
  });

  it('a holder that died is followed by another, and answers no longer', async () => {
    const id = writeId();
    const [dead, heir] = [randomUUID(), randomUUID()];
    await hold(id, 'h1', dead);
    await database.query(
      `UPDATE kept_answer SET held_until = now() - interval '1 second' WHERE key = $1`,
      [id.key],
    );
    expect(await hold(id, 'h1', heir)).toEqual({ kind: 'ours' });
    expect(await keepAnswer(database, id, { holder: dead, answer })).toBe(false);
    expect(await keepAnswer(database, id, { holder: heir, answer })).toBe(true);
  });

  it('is deleted after a week', async () => {
    const id = writeId();
    await hold(id);
    await database.query(
      `UPDATE kept_answer SET created_at = now() - interval '8 days' WHERE key = $1`,
      [id.key],
    );
    await dropOldAnswers(database);
    expect(await hold(id, 'h2')).toEqual({ kind: 'ours' });
  });
});
