import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { INestMicroservice } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { createLogger } from '@qingfen/telemetry';
import { BatchErrorFilter } from './batch-error-filter.js';
import { BatchServer } from './batch-server.js';
import type { OffsetDivergence } from './consumer-options.js';
import { SpecKafka } from './fixtures/kafka.js';
import { recordFacts, refundValue } from './fixtures/messages.js';
import { until } from './fixtures/probe.js';
import { specService, type SpecService } from './fixtures/service.js';
import type { Intake, BatchHandler } from './intake.js';
import { OffsetStore } from './offset-store.js';
import type { Batch } from './raw-message.js';

const topic = 'order-refunded';
const group = 'qf-spec-orders';
const kafka = new SpecKafka(createLogger({ service: 'spec', level: 'silent' }));

let service: SpecService;
const members: Member[] = [];

/** One process's consumer, its handler replaceable. */
class Member {
  before: (batch: Batch) => Promise<void> = () => Promise.resolve();
  handle: BatchHandler<'order-refunded'> = recordFacts;
  readonly restored: OffsetDivergence[] = [];
  readonly fatal: Error[] = [];
  batches = 0;
  server: BatchServer | null = null;
  private app: INestMicroservice | null = null;

  constructor(
    private readonly intake: Intake,
    private readonly rebalanceTimeoutMs: number,
  ) {
    members.push(this);
  }

  async start(brokers: readonly string[] = kafka.brokers): Promise<this> {
    const take = (batch: Batch): Promise<void> => this.take(batch);
    @Controller()
    class SpecConsumer {
      @EventPattern<string>(topic)
      on(@Payload() batch: Batch): Promise<void> {
        return take(batch);
      }
    }
    const module = await Test.createTestingModule({ controllers: [SpecConsumer] }).compile();
    this.server = new BatchServer({
      brokers,
      clientId: 'spec',
      service: 'settlement-calculator',
      groups: [{ name: group, topics: [topic] }],
      sessionTimeoutMs: 3000,
      heartbeatIntervalMs: 500,
      rebalanceTimeoutMs: this.rebalanceTimeoutMs,
      offsets: new OffsetStore(service.database),
      logger: service.logger,
      metrics: service.metrics,
      onFatal: (reason) => this.fatal.push(reason),
      onRestored: async (partitions) => void this.restored.push(...partitions),
    });
    this.app = module.createNestMicroservice({ strategy: this.server, logger: false });
    this.app.useGlobalFilters(new BatchErrorFilter());
    await this.app.listen();
    return this;
  }

  isReady(): boolean {
    return this.server?.isReady() === true;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    this.app = null;
  }

  private async take(batch: Batch): Promise<void> {
    await this.before(batch);
    this.batches += 1;
    await this.intake.take<'order-refunded'>(batch, this.handle);
  }
}

async function member(rebalanceTimeoutMs = 5000): Promise<Member> {
  return new Member(service.intakeOn(await service.scratch.open()), rebalanceTimeoutMs);
}

async function produce(count: number, from = 0): Promise<void> {
  const messages = Array.from({ length: count }, (_, index) => {
    const at = from + index;
    return { key: `o-${at}`, value: refundValue({ id: `e-${at}`, orderId: `o-${at}` }) };
  });
  for (let at = 0; at < count; at += 1000) await kafka.send(topic, messages.slice(at, at + 1000));
}

async function factCount(): Promise<number> {
  const [row] = await service.database.query<{ count: bigint }>('SELECT count(*) FROM fact');
  return Number(row?.count);
}

async function effects(): Promise<{ all: number; distinct: number }> {
  const [row] = await service.database.query<{ all: bigint; distinct: bigint }>(
    'SELECT count(*) AS "all", count(DISTINCT order_id) AS "distinct" FROM fact',
  );
  return { all: Number(row?.all), distinct: Number(row?.distinct) };
}

function allApplied(count: number): Promise<void> {
  return until(`${count} facts`, async () => (await factCount()) >= count, 60_000);
}

async function committedSum(): Promise<bigint> {
  const [offsets] = await kafka.admin.fetchOffsets({ groupId: group, topics: [topic] });
  return (offsets?.partitions ?? []).reduce((sum, { offset }) => {
    return sum + (BigInt(offset) > 0n ? BigInt(offset) : 0n);
  }, 0n);
}

beforeAll(() => kafka.connect());
afterAll(() => kafka.close());
beforeEach(async () => {
  service = await specService('settlement-calculator');
  await kafka.drop(topic);
  await kafka.make(topic, 4);
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((one) => one.stop()));
  await until('the group is gone', async () => {
    const { groups } = await kafka.admin.describeGroups([group]);
    return groups.every(({ state }) => state === 'Empty' || state === 'Dead');
  });
  await kafka.admin.deleteGroups([group]).catch(() => undefined);
  await kafka.drop(topic);
  await service.scratch.drop();
});

describe('a consumer', () => {
  it('hears everything from the beginning, once, and commits to Kafka behind it', async () => {
    await produce(5000);
    const one = await (await member()).start();
    await until('the consumer is ready', () => one.isReady());
    await allApplied(5000);
    await produce(100, 5000);
    await allApplied(5100);
    expect(await effects()).toEqual({ all: 5100, distinct: 5100 });
    await until('Kafka has the offsets', async () => (await committedSum()) === 5100n);
    expect(one.batches).toBeLessThan(100);
  });

  it('starts at the stored offsets, whatever Kafka says', async () => {
    await produce(400);
    const one = await (await member()).start();
    await allApplied(400);
    await until('Kafka has the offsets', async () => (await committedSum()) === 400n);
    await one.stop();
    const two = await (await member()).start();
    await until('the consumer is ready', () => two.isReady());
    await produce(10, 400);
    await allApplied(410);
    expect(two.restored).toEqual([]);
    expect(await effects()).toEqual({ all: 410, distinct: 410 });
  });

  it('notices a restored database, tells of it first, and hears everything again', async () => {
    await produce(400);
    const one = await (await member()).start();
    await allApplied(400);
    await until('Kafka has the offsets', async () => (await committedSum()) === 400n);
    await one.stop();
    await service.database.query('TRUNCATE inbox, fact, consumer_offset');
    const two = await (await member()).start();
    await allApplied(400);
    expect(two.restored.length).toBeGreaterThan(0);
    expect(await effects()).toEqual({ all: 400, distinct: 400 });
  });

  it('hears nothing twice when all offsets are set back to 0 while it runs', async () => {
    await produce(300);
    const one = await (await member()).start();
    await allApplied(300);
    await service.database.query('UPDATE consumer_offset SET next_offset = 0');
    await produce(100, 300);
    await allApplied(400);
    expect(await effects()).toEqual({ all: 400, distinct: 400 });
    expect(one.fatal).toEqual([]);
  });

  it('waits for a database that fails and goes on by itself', async () => {
    let failures = 0;
    const one = await member();
    one.handle = async (unit, events) => {
      failures += 1;
      if (failures <= 3) {
        const [own] = await unit.tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await service.scratch.asOwner('SELECT pg_terminate_backend($1, 10000)', [own?.pid]);
      }
      await recordFacts(unit, events);
    };
    await one.start();
    await produce(50);
    await allApplied(50);
    expect(failures).toBeGreaterThan(3);
    expect(await effects()).toEqual({ all: 50, distinct: 50 });
    const letters = await service.database.query('SELECT 1 FROM dead_letter');
    expect(letters).toEqual([]);
  });

  it('stays a member while a handler takes longer than the session', async () => {
    const one = await member();
    let sessions = 0;
    one.before = async (batch) => {
      if (sessions > 0) return;
      sessions += 1;
      await wait(5000); // the session is 3 s: only heartbeats in the background keep it
      await batch.heartbeat();
    };
    await one.start();
    await produce(10);
    await allApplied(10);
    expect(await effects()).toEqual({ all: 10, distinct: 10 });
    const { groups } = await kafka.admin.describeGroups([group]);
    expect(groups[0]?.members).toHaveLength(1);
  });

  it('shares partitions while members come and go, and applies each event once', async () => {
    const slow: BatchHandler<'order-refunded'> = async (unit, events) => {
      await unit.tx.query('SELECT pg_sleep(0.2)');
      await recordFacts(unit, events);
    };
    const started: Member[] = [];
    let sent = 0;
    for (let round = 0; round < 5; round += 1) {
      const one = await member();
      one.handle = slow;
      started.push(await one.start());
      await produce(1000, sent);
      sent += 1000;
      await until('some progress', async () => (await factCount()) > sent / 3, 60_000);
      if (round % 2 === 1) await started[round - 1]?.stop();
    }
    await allApplied(sent);
    expect(await effects()).toEqual({ all: sent, distinct: sent });
    expect(started.flatMap(({ fatal }) => fatal)).toEqual([]);
  });

  it('R-ARC-1 hands a partition over in mid-batch, and applies each event once', async () => {
    const [one, two] = [await member(1000), await member(1000)];
    const values = Array.from({ length: 100 }, (_, at) =>
      refundValue({ id: `e-${at}`, orderId: `o-${at}` }),
    );
    await kafka.send(
      topic,
      values.map((value) => ({ key: 'one-partition', value })),
    );
    let letGo: () => void = () => undefined;
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    let isHolding = false;
    one.handle = async (unit, events) => {
      await recordFacts(unit, events);
      isHolding = true;
      await isLetGo;
    };
    await one.start();
    await until('the first member is in the middle of its batch', () => isHolding);
    // It cannot join again while it works, so the group gives its partition to the second one.
    await two.start();
    await until('the second member waits for what the first has written', async () => {
      const waiting = await service.scratch.asOwner(
        `SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    letGo();
    await allApplied(100);
    await until('the second member has had the batch too', () => two.batches > 0);
    await until('Kafka has the offsets', async () => (await committedSum()) === 100n);
    expect(await effects()).toEqual({ all: 100, distinct: 100 });
    expect([...one.fatal, ...two.fatal]).toEqual([]);
  });

  it('sets poison aside and the partition goes on', async () => {
    const one = await (await member()).start();
    await produce(20);
    await kafka.send(topic, [
      { key: 'o-x', value: refundValue({ id: 'bad', orderId: 'poison' }) },
      { key: 'o-x', value: 'no json' },
      { key: 'o-x', value: null },
    ]);
    await produce(20, 20);
    await allApplied(40);
    await until('three dead letters', async () => {
      return (await service.database.query('SELECT 1 FROM dead_letter')).length === 3;
    });
    expect(one.fatal).toEqual([]);
  });

  it('keeps trying while the brokers are away, and is not fatal', async () => {
    const one = await (await member()).start(['127.0.0.1:1']);
    await wait(4000); // several rounds of failing, which must not end the process
    expect(one.isReady()).toBe(false);
    expect(one.fatal).toEqual([]);
  });

  it('hears a topic that was made anew from its beginning', async () => {
    await produce(50);
    const one = await (await member()).start();
    await allApplied(50);
    await one.stop();
    await kafka.drop(topic);
    await kafka.make(topic, 4);
    await produce(10, 1000);
    await (await member()).start();
    await allApplied(60);
    expect(await effects()).toEqual({ all: 60, distinct: 60 });
  });
});
