import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { randomUUID } from 'node:crypto';
import { CreateGateway1763770000007 } from '../migrations/1763770000007-create-gateway.js';
import {
  blockedSeconds,
  countFailure,
  dropOldFailures,
  forgetFailures,
} from './login-failure.store.js';
import { paces } from './login-pace.js';
import {
  anybody,
  insertPerson,
  listPeople,
  passwordHashOf,
  personOfSession,
} from './person.store.js';
import { dropOldSessions, endSession, rotateToken, startSession } from './session.store.js';

let scratch: ScratchDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: [CreateGateway1763770000007] });
  database = scratch.database;
});

afterAll(() => scratch.drop());

async function person(): Promise<string> {
  const username = `p${randomUUID()}`;
  await database.transaction((tx) => {
    return insertPerson(tx, {
      username,
      passwordHash: 'hash',
      roles: [
        { role: 'viewer', shopId: '*' },
        { role: 'admin', shopId: 's1' },
      ],
      createdBy: 'spec',
      createdAt: new Date('2026-01-05T00:00:00Z'),
    });
  });
  return username;
}

async function session(username: string, tokenHash: string): Promise<string> {
  const sessionId = randomUUID();
  await database.transaction((tx) => startSession(tx, { sessionId, username, tokenHash }));
  return sessionId;
}

describe('people', () => {
  it('R-SEC-4 are found by their log-in with their roles', async () => {
    const username = await person();
    const sessionId = await session(username, randomUUID());
    expect(await personOfSession(database, { sessionId, username })).toMatchObject({
      username,
      roles: [
        { role: 'viewer', shopId: '*' },
        { role: 'admin', shopId: 's1' },
      ],
    });
    expect(await personOfSession(database, { sessionId, username: 'other' })).toBeNull();
    expect(await database.transaction(anybody)).toBe(true);
  });

  it('R-SEC-4 are out at once when disabled', async () => {
    const username = await person();
    const tokenHash = randomUUID();
    const sessionId = await session(username, tokenHash);
    await database.query('UPDATE person SET is_disabled = true WHERE username = $1', [username]);
    expect(await personOfSession(database, { sessionId, username })).toBeNull();
    expect(await passwordHashOf(database, username)).toBeNull();
    const rotation = await database.transaction((tx) => {
      return rotateToken(tx, { shownHash: tokenHash, nextHash: randomUUID() });
    });
    expect(rotation).toEqual({ kind: 'unknown' });
  });

  it('one name is made once, however many ask at once', async () => {
    const username = `p${randomUUID()}`;
    const made = await Promise.all(
      Array.from({ length: 20 }, () =>
        database.transaction((tx) => {
          const createdAt = new Date('2026-01-05T00:00:00Z');
          const given = { username, passwordHash: 'h', roles: [], createdBy: 'spec', createdAt };
          return insertPerson(tx, given);
        }),
      ),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
  });

  it('are listed by name, page by page', async () => {
    await person();
    await person();
    const [first] = await listPeople(database, { after: '', limit: 1 });
    const [second] = await listPeople(database, { after: first?.username ?? '', limit: 1 });
    expect(first !== undefined && second !== undefined).toBe(true);
    expect((first?.username ?? '') < (second?.username ?? '')).toBe(true);
  });
});

describe('refresh tokens', () => {
  it('R-SEC-4 are taken once and replaced', async () => {
    const username = await person();
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
    const sessionId = await session(username, one);
    const first = await database.transaction((tx) => {
      return rotateToken(tx, { shownHash: one, nextHash: two });
    });
    expect(first).toEqual({ kind: 'rotated', sessionId, username });
    const second = await database.transaction((tx) => {
      return rotateToken(tx, { shownHash: two, nextHash: three });
    });
    expect(second.kind).toBe('rotated');
  });

  it('R-SEC-4 shown twice end the whole log-in', async () => {
    const username = await person();
    const [one, two] = [randomUUID(), randomUUID()];
    const sessionId = await session(username, one);
    await database.transaction((tx) => rotateToken(tx, { shownHash: one, nextHash: two }));
    const again = await database.transaction((tx) => {
      return rotateToken(tx, { shownHash: one, nextHash: randomUUID() });
    });
    expect(again.kind).toBe('reused');
    expect(await personOfSession(database, { sessionId, username })).toBeNull();
    const successor = await database.transaction((tx) => {
      return rotateToken(tx, { shownHash: two, nextHash: randomUUID() });
    });
    expect(successor.kind).toBe('unknown');
  });

  it('R-SEC-4 shown by 20 at once are taken by one', async () => {
    const username = await person();
    const one = randomUUID();
    await session(username, one);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        database.transaction((tx) => rotateToken(tx, { shownHash: one, nextHash: randomUUID() })),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'reused')).toHaveLength(1);
  });

  it('that nobody gave are unknown, and so are those of an ended log-in', async () => {
    const username = await person();
    const one = randomUUID();
    const sessionId = await session(username, one);
    await database.transaction((tx) => endSession(tx, { sessionId, why: 'spec' }));
    for (const shownHash of [one, 'nobody']) {
      const rotation = await database.transaction((tx) => {
        return rotateToken(tx, { shownHash, nextHash: randomUUID() });
      });
      expect(rotation).toEqual({ kind: 'unknown' });
    }
  });

  it('of log-ins that ended long ago are deleted', async () => {
    const username = await person();
    const sessionId = await session(username, randomUUID());
    await database.query(
      `UPDATE login_session SET ended_at = now() - interval '31 days' WHERE session_id = $1`,
      [sessionId],
    );
    await dropOldSessions(database);
    const left = await database.query('SELECT 1 FROM login_session WHERE session_id = $1', [
      sessionId,
    ]);
    expect(left).toEqual([]);
  });
});

describe('failed log-ins', () => {
  const fail = async (subject: string, times: number): Promise<void> => {
    for (let done = 0; done < times; done += 1) {
      await database.transaction((tx) => countFailure(tx, subject, paces.personAndAddress));
    }
  };

  it('R-SEC-4 block for longer and longer, and are forgotten by one that works', async () => {
    const subject = randomUUID();
    await fail(subject, 4);
    expect(await blockedSeconds(database, [subject])).toBe(0);
    await fail(subject, 8);
    const seconds = await blockedSeconds(database, ['other', subject]);
    expect(seconds > 120 && seconds <= 128).toBe(true);
    await database.transaction((tx) => forgetFailures(tx, [subject]));
    expect(await blockedSeconds(database, [subject])).toBe(0);
  });

  it('R-SEC-4 of 20 at once are all counted', async () => {
    const subject = randomUUID();
    await Promise.all(Array.from({ length: 20 }, () => fail(subject, 1)));
    const [row] = await database.query<{ failures: number }>(
      'SELECT failures FROM login_failure WHERE subject = $1',
      [subject],
    );
    expect(row?.failures).toBe(20);
  });

  it('start anew after a quiet quarter of an hour, and are deleted then', async () => {
    const subject = randomUUID();
    await fail(subject, 4);
    const age = `UPDATE login_failure SET last_at = now() - interval '16 minutes'
                  WHERE subject = $1`;
    await database.query(age, [subject]);
    await fail(subject, 1);
    expect(await blockedSeconds(database, [subject])).toBe(0);
    await database.query(age, [subject]);
    await dropOldFailures(database);
    const left = await database.query('SELECT 1 FROM login_failure WHERE subject = $1', [subject]);
    expect(left).toEqual([]);
  });
});
