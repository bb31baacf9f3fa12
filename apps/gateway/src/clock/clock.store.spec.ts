import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { CreateGateway1763770000007 } from '../migrations/1763770000007-create-gateway.js';
import { CountStartsByReplica1763770000107 } from '../migrations/1763770000107-count-starts-by-replica.js';
import { countRestarts, noteStarts, replicaKey } from '../status/start.store.js';
import {
  beginMove,
  endMove,
  keepMove,
  lockClock,
  readClock,
  releaseMove,
  saveStep,
  startClockAt,
  takeMove,
} from './clock.store.js';

const start = new Date('2026-01-05T00:00:00Z');
const stop = new Date('2026-01-06T00:00:00Z');
const target = new Date('2026-01-07T00:00:00Z');

let scratch: ScratchDatabase;
let database: Database;

beforeAll(async () => {
  scratch = await scratchDatabase({
    migrations: [CreateGateway1763770000007, CountStartsByReplica1763770000107],
  });
  database = scratch.database;
});

afterAll(() => scratch.drop());

beforeEach(async () => {
  await database.query('DELETE FROM virtual_clock');
  await startClockAt(database, start);
});

function begin(): Promise<bigint> {
  return database.transaction(async (tx) => {
    await lockClock(tx);
    return beginMove(tx, target);
  });
}

describe('the remembered clock', () => {
  it('goes on at the later of what it remembers and what it is started with', async () => {
    await startClockAt(database, new Date('2026-01-04T00:00:00Z'));
    expect(await readClock(database)).toEqual({ now: start, target: null, step: null, move: 0n });
    await startClockAt(database, stop);
    expect((await readClock(database))?.now).toEqual(stop);
  });

  it('started later than a move was to end, still ends the move', async () => {
    await begin();
    const later = new Date('2026-02-01T00:00:00Z');
    await startClockAt(database, later);
    expect(await readClock(database)).toMatchObject({ now: later, target: later, step: 'taking' });
  });

  it('is moved by one of 20 at once, step by step, to the end', async () => {
    expect(await begin()).toBe(1n);
    const movers = Array.from({ length: 20 }, (_, at) => `m${at}`);
    const taken = await Promise.all(movers.map((mover) => takeMove(database, mover)));
    const winner = movers[taken.findIndex((move) => move !== null)] ?? '';
    expect(taken.filter((move) => move !== null)).toEqual([
      { now: start, target, step: 'waiting' },
    ]);
    expect(await saveStep(database, winner, { now: stop, target, step: 'taking' })).toBe(true);
    expect(await saveStep(database, 'other', { now: target, target, step: 'taking' })).toBe(false);
    expect(await endMove(database, winner)).toBe(false);
    expect(await saveStep(database, winner, { now: start, target, step: 'taking' })).toBe(false);
    expect(await saveStep(database, winner, { now: target, target, step: 'settling' })).toBe(true);
    expect(await endMove(database, winner)).toBe(true);
    expect(await readClock(database)).toEqual({ now: target, target: null, step: null, move: 1n });
  });

  it('is taken over where a mover died, and the dead one moves no more', async () => {
    await begin();
    await takeMove(database, 'dead');
    expect(await takeMove(database, 'heir')).toBeNull();
    expect(await takeMove(database, 'dead')).not.toBeNull();
    await database.query(`UPDATE virtual_clock SET mover_until = now() - interval '1 second'`);
    expect(await takeMove(database, 'heir')).not.toBeNull();
    expect(await keepMove(database, 'dead')).toBe(false);
    expect(await saveStep(database, 'dead', { now: stop, target, step: 'taking' })).toBe(false);
    expect(await keepMove(database, 'heir')).toBe(true);
    await releaseMove(database, 'heir');
    expect(await takeMove(database, 'third')).not.toBeNull();
  });

  it('does not begin a second move on its way', async () => {
    await begin();
    await expect(begin()).rejects.toThrow('moving');
  });
});

describe('starts of services', () => {
  it('count as restarts from the second one on, each replica by itself', async () => {
    const first = { service: 'payout', replica: 1, startedAt: start, pid: 7 };
    const second = { ...first, replica: 2, pid: 9 };
    await noteStarts(database, [first, second]);
    await noteStarts(database, [first, { ...first, startedAt: stop, pid: 8 }, second]);
    const restarts = await countRestarts(database);
    expect([restarts.get(replicaKey(first)), restarts.get(replicaKey(second))]).toEqual([1, 0]);
  });
});
