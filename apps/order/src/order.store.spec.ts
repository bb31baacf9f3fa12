import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '@qingfen/clock';
import { buildEvent, type EventData, type Topic } from '@qingfen/contracts';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { Units, type IncomingEvent, type Unit } from '@qingfen/messaging';
import { MessageSigner } from '@qingfen/security';
import { Metrics, WorkCounter } from '@qingfen/telemetry';
import { orderService } from './index.js';
import { PlanService } from './plan.service.js';
import { WindowService } from './window.service.js';
import { countEnded, windowsOf } from './window.store.js';

const dayMs = 86_400_000;
/** Day 1 is 2026-01-01, at 00:00 UTC. */
const day = (number: number): Date => new Date(Date.UTC(2026, 0, 1) + (number - 1) * dayMs);

let scratch: ScratchDatabase;
let database: Database;
let units: Units;
let windows: WindowService;
let plans: PlanService;

beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: migrationsOf(orderService), schema: 'order' });
  database = scratch.database;
  const { privateKey } = generateKeyPairSync('ed25519');
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = new MessageSigner({ keyId: 'k-1', privateKeyPem });
  units = new Units({ database, service: 'order', signer, clock: new VirtualClock(day(1)) });
  windows = new WindowService(units, new WorkCounter());
  plans = new PlanService(new Metrics());
});

afterAll(() => scratch.drop());

function incoming<T extends Topic>(topic: T, data: EventData[T]): IncomingEvent<T> {
  const envelope = { id: randomUUID(), source: '/spec', time: day(1).toISOString() };
  const event = buildEvent(topic, data, envelope);
  const raw = {
    topic,
    partition: 0,
    offset: 0n,
    key: null,
    value: Buffer.from(JSON.stringify(event)),
    headers: {},
    timestamp: day(1),
  };
  const place = { topic, partition: 0, offset: 0n, correlationId: 'c-1', signedBy: null };
  return { ...place, event, data: event.data, raw };
}

function planTold(
  shopId: string,
  version: number,
  more: { from: Date; days: number; withdrawn?: Date },
) {
  return incoming('settlement-plan-published', {
    shopId,
    version,
    plan: { supplier: {}, returnWindowDays: more.days },
    hash: `h-${version}`,
    publishedAt: day(1).toISOString(),
    effectiveFrom: more.from.toISOString(),
    ...(more.withdrawn === undefined ? {} : { withdrawnAt: more.withdrawn.toISOString() }),
  });
}

function orderTold(shopId: string, orderId: string, dates: { paid: Date; completed: Date }) {
  return incoming('order-completed', {
    shopId,
    orderId,
    currency: 'CNY',
    paidAt: dates.paid.toISOString(),
    completedAt: dates.completed.toISOString(),
    items: [{ itemId: 'i-1', supplierId: 's-1', amount: '1.00' }],
    distributors: [],
  });
}

const noteOrders = (events: IncomingEvent<'order-completed'>[]) =>
  units.run((unit) => windows.noteCompletions(unit, events));
const applyPlans = (...events: IncomingEvent<'settlement-plan-published'>[]) =>
  units.run((unit) => plans.applyPlans(unit, events));

async function said(shopId: string): Promise<unknown[]> {
  const rows = await database.query<{ data: unknown }>(
    `SELECT value_text::json -> 'data' AS data FROM outbox
     WHERE topic = 'return-window-closed'
       AND value_text::json -> 'data' ->> 'shopId' = $1 ORDER BY id`,
    [shopId],
  );
  return rows.map(({ data }) => data);
}

const closed = (shopId: string, orderId: string, completed: Date, at: Date) => ({
  shopId,
  orderId,
  completedAt: completed.toISOString(),
  closedAt: at.toISOString(),
});

describe('return windows', () => {
  it('R-REF-1 says every ended window exactly once, however many say them at once', async () => {
    await applyPlans(planTold('s-many', 1, { from: day(1), days: 7 }));
    const count = 2_500;
    const dates = { paid: day(2), completed: day(3) };
    const events = Array.from({ length: count }, (_, index) =>
      orderTold('s-many', `o-${index}`, dates),
    );
    await noteOrders(events);
    await noteOrders(events); // told twice is told once
    expect(await windows.sayEnded(new Date(day(10).getTime() - 1))).toBe(0);
    expect(await countEnded(database, { until: day(10), limit: 10_000 })).toBe(count);
    const saidCounts = await Promise.all([1, 2, 3].map(() => windows.sayEnded(day(10))));
    expect(saidCounts.reduce((sum, each) => sum + each, 0)).toBe(count);
    const facts = await said('s-many');
    expect(new Set(facts.map((fact) => JSON.stringify(fact))).size).toBe(count);
    expect(facts).toContainEqual(closed('s-many', 'o-7', day(3), day(10)));
    expect(await windows.sayEnded(day(99))).toBe(0);
  });

  it('R-REF-1 keeps a window for every distinct completedAt that was told', async () => {
    await applyPlans(planTold('s-two', 1, { from: day(1), days: 1 }));
    const paid = day(2);
    await noteOrders([
      orderTold('s-two', 'o-1', { paid, completed: day(4) }),
      orderTold('s-two', 'o-1', { paid, completed: day(3) }),
    ]);
    await windows.sayEnded(day(5));
    expect(await said('s-two')).toHaveLength(2);
  });

  it('R-RUL-5 waits without a version, and is bound when one that fits by date arrives', async () => {
    const dates = { paid: day(2), completed: day(3) };
    await noteOrders([orderTold('s-late', 'o-1', dates)]);
    expect(await windows.sayEnded(day(99))).toBe(0);
    await applyPlans(planTold('s-late', 2, { from: day(3), days: 1 }));
    expect(await windows.sayEnded(day(99))).toBe(0);
    await applyPlans(planTold('s-late', 1, { from: day(2), days: 7 }));
    await windows.sayEnded(day(99));
    expect(await said('s-late')).toEqual([closed('s-late', 'o-1', day(3), day(10))]);
  });

  it('R-RUL-5 binds anew by dates: a longer window is said again, a shorter one is proven', async () => {
    const dates = { paid: day(5), completed: day(6) };
    await applyPlans(planTold('s-anew', 1, { from: day(1), days: 7 }));
    await noteOrders([orderTold('s-anew', 'o-1', dates)]);
    await windows.sayEnded(day(13));
    await applyPlans(planTold('s-anew', 2, { from: day(2), days: 10 }));
    expect(await windows.sayEnded(day(15))).toBe(0);
    expect(await windows.sayEnded(day(16))).toBe(1);
    await applyPlans(planTold('s-anew', 3, { from: day(3), days: 2 }));
    expect(await windows.sayEnded(day(99))).toBe(0);
    const [window] = await windowsOf(database, { shopId: 's-anew', orderId: 'o-1' });
    expect(window).toMatchObject({ version: 3, closesAt: day(8), saidClosesAt: day(16) });
    expect(await said('s-anew')).toEqual([
      closed('s-anew', 'o-1', day(6), day(13)),
      closed('s-anew', 'o-1', day(6), day(16)),
    ]);
  });

  it('R-RUL-5 goes back to the version before when one is withdrawn, told in any order', async () => {
    const future = { from: day(20), days: 30 };
    await noteOrders([orderTold('s-back', 'o-1', { paid: day(21), completed: day(22) })]);
    await applyPlans(
      planTold('s-back', 1, { from: day(1), days: 7 }),
      planTold('s-back', 2, future),
    );
    expect((await windowsOf(database, { shopId: 's-back', orderId: 'o-1' }))[0]?.version).toBe(2);
    await applyPlans(planTold('s-back', 2, { ...future, withdrawn: day(10) }));
    await applyPlans(planTold('s-back', 2, future)); // an old word: what is withdrawn stays so
    const [window] = await windowsOf(database, { shopId: 's-back', orderId: 'o-1' });
    expect(window).toMatchObject({ version: 1, closesAt: day(29) });
  });

  it('R-RUL-5 misses no order that is being bound while a version arrives', async () => {
    const gate = gateOf();
    const binding = units.run(async (unit: Unit) => {
      await windows.noteCompletions(unit, [
        orderTold('s-gate', 'o-1', { paid: day(2), completed: day(3) }),
      ]);
      gate.entered();
      await gate.opened;
    });
    await gate.inside;
    const applying = applyPlans(planTold('s-gate', 1, { from: day(1), days: 7 }));
    const [{ waiting } = { waiting: 0n }] = await until(
      () =>
        database.query<{ waiting: bigint }>(
          `SELECT count(*) AS waiting FROM pg_locks l JOIN pg_database d ON d.oid = l.database
           WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted`,
        ),
      (rows) => (rows[0]?.waiting ?? 0n) > 0n,
    );
    expect(waiting).toBe(1n);
    gate.open();
    await Promise.all([binding, applying]);
    const [window] = await windowsOf(database, { shopId: 's-gate', orderId: 'o-1' });
    expect(window).toMatchObject({ version: 1, closesAt: day(10) });
  });
});

function gateOf() {
  let entered = (): void => undefined;
  let open = (): void => undefined;
  const inside = new Promise<void>((resolve) => (entered = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { inside, opened, entered: () => entered(), open: () => open() };
}

/** Asks again until the answer is as wanted; gives up after 10 s. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const endsAt = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > endsAt) return answer;
  }
}
