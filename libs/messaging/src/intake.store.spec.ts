import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CommitCutter, DatabaseUnavailable } from '@qingfen/database';
import { batchOf, messageAt, recordFacts, refundValue } from './fixtures/messages.js';
import { specService, type SpecService } from './fixtures/service.js';
import { headersFromJson } from './message-headers.js';
import { OffsetStore, StoredOffsetBehind } from './offset-store.js';
import type { RawMessage } from './raw-message.js';

let service: SpecService;

beforeEach(async () => {
  service = await specService('settlement-calculator');
});
afterEach(() => service.scratch.drop());

function refunds(count: number, from = 0): RawMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index;
    return messageAt(at, refundValue({ id: `e-${at}`, orderId: `o-${at}` }));
  });
}

async function facts(): Promise<string[]> {
  const rows = await service.database.query<{ order_id: string }>(
    'SELECT order_id FROM fact ORDER BY id',
  );
  return rows.map((row) => row.order_id);
}

async function letters() {
  const rows = await service.database.query<{
    topic: string;
    key: Buffer | null;
    value: Buffer | null;
    headers: string;
  }>(`SELECT topic, key, value, headers FROM outbox WHERE topic LIKE '%.dlq' ORDER BY id`);
  return rows.map((row) => ({ ...row, headers: headersFromJson(row.headers) }));
}

async function alerts(): Promise<string[]> {
  const rows = await service.database.query<{ class: string }>(
    'SELECT class FROM alert ORDER BY class',
  );
  return rows.map((row) => row.class);
}

async function stored(): Promise<bigint | undefined> {
  const [row] = await new OffsetStore(service.database).stored('qf-spec-orders');
  return row?.offset;
}

/** The transaction that wrote each fact. */
async function xids(): Promise<string[]> {
  const rows = await service.database.query<{ xid: string }>('SELECT xmin::text AS xid FROM fact');
  return rows.map(({ xid }) => xid);
}

describe('batches of several partitions', () => {
  const partitions = [0, 1, 2, 3];
  const batches = (change: (partition: number) => Partial<RawMessage> = () => ({})) =>
    partitions.map((partition) => {
      const messages = refunds(3, partition * 10).map((message, index) => {
        return { ...message, partition, offset: BigInt(index), ...change(partition) };
      });
      return batchOf(messages);
    });
  const offsets = async (): Promise<(readonly [number, bigint])[]> => {
    const rows = await new OffsetStore(service.database).stored('qf-spec-orders');
    return rows.map(({ partition, offset }) => [partition, offset] as const).sort();
  };

  it('share one call of the handler and one transaction, each with its own offset', async () => {
    const calls: number[] = [];
    await Promise.all(
      batches().map((batch) =>
        service.intake.take<'order-refunded'>(batch, async (unit, events) => {
          calls.push(events.length);
          await recordFacts(unit, events);
        }),
      ),
    );
    expect(calls).toEqual([12]);
    expect(await facts()).toHaveLength(12);
    expect(new Set(await xids())).toHaveProperty('size', 1);
    expect(await offsets()).toEqual(partitions.map((partition) => [partition, 3n]));
  });

  it('R-FAI-1 are taken each alone where one is poison, which alone is set aside', async () => {
    const all = batches();
    const poisoned = { ...messageAt(0, refundValue({ id: 'p', orderId: 'poison' })), partition: 2 };
    all[2] = batchOf([
      poisoned,
      ...refunds(2, 20).map((m, i) => ({ ...m, partition: 2, offset: BigInt(i + 1) })),
    ]);
    await Promise.all(all.map((batch) => service.intake.take(batch, recordFacts)));
    expect(await facts()).toHaveLength(11);
    expect((await letters()).map(({ headers }) => headers['x-original-partition'])).toEqual(['2']);
    expect(await offsets()).toEqual(partitions.map((partition) => [partition, 3n]));
  });

  it('take the same event on two partitions once', async () => {
    const value = refundValue({ id: 'e-1', orderId: 'o-1' });
    const twice = [0, 1].map((partition) => batchOf([{ ...messageAt(0, value), partition }]));
    await Promise.all(twice.map((batch) => service.intake.take(batch, recordFacts)));
    expect(await facts()).toEqual(['o-1']);
    expect(await offsets()).toEqual([
      [0, 1n],
      [1, 1n],
    ]);
  });

  it('fail by themselves where the database went back in time', async () => {
    const [first, second] = batches();
    if (first === undefined || second === undefined) throw new Error('there are four');
    const restored = { ...second, from: 5n };
    await service.database.query(
      `INSERT INTO consumer_offset (group_id, topic, partition, next_offset)
       VALUES ('qf-spec-orders', 'order-refunded', 1, 0)`,
    );
    const settled = await Promise.allSettled(
      [first, restored].map((batch) => service.intake.take(batch, recordFacts)),
    );
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(settled[1]).toMatchObject({ reason: expect.any(StoredOffsetBehind) });
    expect(await facts()).toHaveLength(3);
  });
});

describe('what was seen before', () => {
  it('applies a batch once however often it is delivered', async () => {
    const batch = batchOf(refunds(50));
    await service.intake.take(batch, recordFacts);
    await service.intake.take(batch, recordFacts);
    expect(await facts()).toHaveLength(50);
    expect(await stored()).toBe(50n);
  });

  it('applies nothing again after the offsets were set back to 0', async () => {
    const batch = batchOf(refunds(50));
    await service.intake.take(batch, recordFacts);
    await service.database.query('UPDATE consumer_offset SET next_offset = 0');
    await service.intake.take(batch, recordFacts);
    expect(await facts()).toHaveLength(50);
    expect(await stored()).toBe(50n);
    expect(service.work.value).toBe(50);
  });

  it('knows an event that upstream sent again at another offset', async () => {
    await service.intake.take(batchOf(refunds(3)), recordFacts);
    const again = refunds(3).map((message, index) => ({ ...message, offset: BigInt(10 + index) }));
    await service.intake.take(batchOf(again), recordFacts);
    expect(await facts()).toHaveLength(3);
    expect(await stored()).toBe(13n);
    expect(await letters()).toEqual([]);
  });

  it('compares what events say, not their bytes', async () => {
    const first = messageAt(0, refundValue({ amount: '5.00' }));
    const second = messageAt(1, refundValue({ amount: '5.0', extra: { unknown: 1 } }));
    await service.intake.take(batchOf([first, second]), recordFacts);
    expect(await facts()).toEqual(['o-1']);
    expect(await letters()).toEqual([]);
  });

  it('refuses an id that comes again with other content, in a batch and later', async () => {
    const other = { orderId: 'o-2' };
    const batch = [messageAt(0, refundValue()), messageAt(1, refundValue(other))];
    await service.intake.take(batchOf(batch), recordFacts);
    await service.intake.take(batchOf([messageAt(2, refundValue(other))]), recordFacts);
    await service.intake.take(batchOf([messageAt(3, refundValue())]), recordFacts);
    expect(await facts()).toEqual(['o-1']);
    const codes = (await letters()).map(({ headers }) => headers['x-error']);
    expect(codes).toEqual(['event-id-reused', 'event-id-reused']);
    expect(await alerts()).toEqual(['event-id-reused']);
  });

  it('skips the part of a batch that another member has done', async () => {
    await service.intake.take(batchOf(refunds(20)), recordFacts);
    await service.intake.take(batchOf(refunds(20, 10)), recordFacts);
    expect(await facts()).toHaveLength(30);
    expect(await stored()).toBe(30n);
  });

  it('lets two consumers that race for one batch apply it once', async () => {
    const other = service.intakeOn(await service.scratch.open());
    const batch = batchOf(refunds(200));
    for (let round = 0; round < 5; round += 1) {
      const racers = [service.intake, other, service.intake, other];
      await Promise.all(racers.map((intake) => intake.take(batch, recordFacts)));
    }
    expect(await facts()).toHaveLength(200);
  });
});

describe('bad messages', () => {
  it('go to the dead letters unchanged, once, and count as unseen', async () => {
    const headers = { 'x-trace': 'abc' };
    const rawHeaders = { 'x-trace': Buffer.from('abc'), bin: Buffer.from([0xff, 0]) };
    const bad = messageAt(0, Buffer.from('{"no'), { headers, rawHeaders });
    const good = messageAt(1, refundValue());
    await service.intake.take(batchOf([bad, good]), recordFacts);
    await service.database.query('UPDATE consumer_offset SET next_offset = 0');
    await service.intake.take(batchOf([bad, good]), recordFacts);
    const [letter, ...more] = await letters();
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ topic: 'order-refunded.dlq', key: bad.key, value: bad.value });
    expect(letter?.headers).toMatchObject({
      'x-trace': 'abc',
      bin: Buffer.from([0xff, 0]),
      'x-error': 'not-json',
      'x-original-topic': 'order-refunded',
      'x-original-partition': '0',
      'x-original-offset': '0',
      'x-failed-at': '2026-03-01T00:00:00.000Z',
    });
    expect(await facts()).toEqual(['o-1']);
  });

  it('carry a 2 MB value as it is', async () => {
    const large = messageAt(0, Buffer.alloc(2 * 1024 * 1024, 'x'));
    await service.intake.take(batchOf([large]), recordFacts);
    const [letter] = await letters();
    expect(letter?.headers['x-error']).toBe('too-large');
    expect(letter?.value?.equals(large.value ?? Buffer.of())).toBe(true);
  });

  it('are skipped and counted where another service dead-letters the topic', async () => {
    const other = await specService('order');
    await other.intake.take(batchOf([messageAt(0, Buffer.from('no'))]), recordFacts);
    expect(await other.database.query('SELECT 1 FROM outbox')).toEqual([]);
    expect(await other.metrics.text()).toContain(
      'events_refused_total{topic="order-refunded",code="not-json"} 1',
    );
    await other.scratch.drop();
  });

  it('without a valid signature of the writer have no effect and alert', async () => {
    const place = { topic: 'payout-result', key: Buffer.from('p-1') };
    const value = Buffer.from('{}');
    const byOther = service.signers.rules.sign({ ...place, value });
    const moved = service.signers.payout.sign({ ...place, topic: 'payout-requested', value });
    const forgeries: Record<string, string>[] = [
      {},
      { 'x-signature': byOther },
      { 'x-signature': moved },
    ];
    const batch = forgeries.map((headers, at) => messageAt(at, value, { ...place, headers }));
    await service.intake.take(batchOf(batch), recordFacts);
    const codes = (await letters()).map(({ headers }) => headers['x-error']);
    expect(codes).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated']);
    expect(await alerts()).toEqual(['forged-message']);
    expect(await facts()).toEqual([]);
  });
});

describe('a handler that fails', () => {
  it('on one event of a thousand loses that one alone', async () => {
    const messages = refunds(1000);
    messages[499] = messageAt(499, refundValue({ id: 'bad', orderId: 'poison' }));
    await service.intake.take(batchOf(messages), recordFacts);
    const expected = messages.map((_, at) => `o-${at}`).filter((id) => id !== 'o-499');
    expect(await facts()).toEqual(expected);
    const [letter, ...more] = await letters();
    expect(more).toEqual([]);
    expect(letter?.headers).toMatchObject({
      'x-error': 'invalid-data',
      'x-original-offset': '499',
    });
    expect(await alerts()).toEqual(['poison-message']);
  });

  it('takes the same event when it comes again and nothing stands against it', async () => {
    const poison = messageAt(0, refundValue({ orderId: 'poison' }));
    await service.intake.take(batchOf([poison]), recordFacts);
    await service.database.query('ALTER TABLE fact DROP CONSTRAINT fact_order_id_check');
    await service.intake.take(batchOf([{ ...poison, offset: 1n }]), recordFacts);
    expect(await facts()).toEqual(['poison']);
  });

  it('says nothing of what it said before it failed', async () => {
    const messages = [...refunds(2), messageAt(2, refundValue({ id: 'bad', orderId: 'poison' }))];
    await service.intake.take(batchOf(messages), async (unit, events) => {
      for (const { data } of events) {
        if (!('orderId' in data)) continue;
        const { shopId, orderId } = data;
        const at = '2026-02-01T00:00:00Z';
        const said = { shopId, orderId, completedAt: at, closedAt: at };
        unit.say({ topic: 'return-window-closed', key: orderId, data: said });
      }
      await recordFacts(unit, events);
    });
    const rows = await service.database.query<{ key_text: string }>(
      `SELECT key_text FROM outbox WHERE topic = 'return-window-closed' ORDER BY id`,
    );
    expect(rows.map((row) => row.key_text)).toEqual(['o-0', 'o-1']);
  });

  it('because the database is in trouble blames no event', async () => {
    const taken = service.intake.take(batchOf(refunds(3)), async (unit) => {
      const [own] = await unit.tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await service.scratch.asOwner('SELECT pg_terminate_backend($1, 10000)', [own?.pid]);
      await unit.tx.query('SELECT 1');
    });
    await expect(taken).rejects.toThrow(DatabaseUnavailable);
    expect(await letters()).toEqual([]);
    await service.intake.take(batchOf(refunds(3)), recordFacts);
    expect(await facts()).toHaveLength(3);
  });

  it('refuses events for good reasons and keeps the others', async () => {
    await service.intake.take(batchOf(refunds(3)), async (unit, events) => {
      const [first, ...others] = events;
      if (first !== undefined) unit.refuse(first, 'refund-exceeds-paid', 'items[0].amount: no');
      await recordFacts(unit, others);
    });
    expect(await facts()).toEqual(['o-1', 'o-2']);
    expect((await letters())[0]?.headers['x-error']).toBe('refund-exceeds-paid');
    const seen = await service.database.query('SELECT 1 FROM inbox');
    expect(seen).toHaveLength(2);
  });
});

describe('a COMMIT without an answer', () => {
  it.each(['after-commit', 'before-commit'] as const)(
    'has its effect once (cut %s)',
    async (when) => {
      const cutter = new CommitCutter(new URL(service.scratch.url));
      const database = await service.scratch.open({ url: (await cutter.listen()).href });
      const intake = service.intakeOn(database);
      cutter.arm(when);
      await intake.take(batchOf(refunds(20)), recordFacts);
      expect(cutter.cuts).toBe(1);
      expect(await facts()).toHaveLength(20);
      expect(await stored()).toBe(20n);
      await cutter.close();
    },
  );
});

describe('a database that went back in time', () => {
  it('is noticed instead of leaving a gap', async () => {
    await service.intake.take(batchOf(refunds(10)), recordFacts);
    await service.database.query('UPDATE consumer_offset SET next_offset = 5');
    const taken = service.intake.take(batchOf(refunds(5, 10), { from: 10n }), recordFacts);
    await expect(taken).rejects.toThrow(StoredOffsetBehind);
    expect(await facts()).toHaveLength(10);
  });
});
