import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatInstant } from '@qingfen/calendar';
import type { OrderExportQuery } from '@qingfen/contracts';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import { ProblemError } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import fc from 'fast-check';
import { OrderExportController } from './order-export.controller.js';
import {
  giveExportBack,
  listExports,
  takeDueExport,
  type OrderExportState,
} from './order-export.store.js';
import { ReconciliationHouse, yuan, type Sides } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;

beforeAll(async () => {
  house = await ReconciliationHouse.open();
});
afterAll(() => house.close());

const caller: Caller = {
  issuer: 'gateway',
  subject: 'wang',
  roles: [{ role: 'operator', shopId: '*' }],
  requestId: 'r-1',
};
const hour = 3_600_000;

/** An order as it is told, or stands in the file. */
interface Figures {
  readonly paid: bigint;
  readonly subsidy: bigint;
  readonly refunded: bigint;
}

interface Scene extends Sides {
  readonly day: string;
  readonly noon: Date;
}

/** A shop and a day of which nothing has been told; now is the next day's noon. */
async function scene(): Promise<Scene> {
  const sides = await house.shop();
  // Without credentials no bill of it is looked for.
  house.closeShop(sides.shopId);
  const day = nextDay(beijingDay(house.clock.now()));
  await house.moveTo(new Date(+dayStart(nextDay(day)) + 12 * hour));
  return { ...sides, day, noon: new Date(+dayStart(day) + 12 * hour) };
}

/** Tells an order and its refund, and has the books owe what is left of it. */
async function tell(at: Scene, orderId: string, figures: Figures): Promise<void> {
  const { shopId, ledger, noon } = at;
  const when = noon.toISOString();
  const { paid, subsidy, refunded } = figures;
  await house.tell('order-completed', {
    ...{ shopId, orderId, currency: 'CNY', paidAt: when, completedAt: when, distributors: [] },
    items: [{ itemId: 'i-1', supplierId: 's-1', amount: yuan(paid), subsidy: yuan(subsidy) }],
  });
  if (refunded > 0n) await refund(at, orderId, refunded);
  const entriesMinor = paid + subsidy - refunded;
  ledger.orders.set(orderId, { state: 'settling', keepsRest: false, entryCount: 3, entriesMinor });
}

async function refund(
  { shopId, noon }: Scene,
  orderId: string,
  fen: bigint,
  at: Date = noon,
): Promise<void> {
  await house.tell('order-refunded', {
    ...{ shopId, orderId, refundId: `r-${at.getTime()}`, refundedAt: at.toISOString() },
    items: [{ itemId: 'i-1', amount: yuan(fen) }],
  });
}

const header = 'orderId,currency,paidAt,completedAt,amount,subsidy,refunded';

function line({ noon }: Scene, orderId: string, { paid, subsidy, refunded }: Figures): string {
  const at = formatInstant(noon, 'Asia/Shanghai');
  return `${orderId},CNY,${at},${at},${yuan(paid)},${yuan(subsidy)},${yuan(refunded)}`;
}

function upload(
  { shopId, day }: Scene,
  lines: readonly string[],
  query: OrderExportQuery = { day },
): Promise<OrderExportState> {
  const bytes = Buffer.from([header, ...lines].join('\n'));
  return house.exports.upload({ shopId, bytes, query, caller });
}

/** Uploads and waits until it is compared. */
async function compared(
  at: Scene,
  lines: readonly string[],
  query?: OrderExportQuery,
): Promise<OrderExportState> {
  const { exportId } = await upload(at, lines, query);
  house.exportWorker.wake();
  await house.rests();
  const all = await listExports(house.database, at.shopId, { after: null, limit: 500 });
  const row = all.find((one) => one.exportId === exportId);
  if (row === undefined) throw new Error('the export was kept');
  return row;
}

async function differences(shopId: string, state: 'open' | null = 'open'): Promise<string[]> {
  const rows = await house.differences(shopId, state);
  return rows.map((one) => `${one.comparison} ${one.class} ${one.subjectId} ${one.amountMinor}`);
}

async function alerts(shopId: string): Promise<unknown[]> {
  const said = await house.saidOn('alert-raised');
  return said
    .filter((alert) => alert['shopId'] === shopId)
    .map(
      ({ class: name, state, severity }) => `${String(name)} ${String(state)} ${String(severity)}`,
    );
}

/** Lets a test live in a house of its own. */
async function inHouseOf(
  settings: Readonly<Record<string, number>>,
  live: () => Promise<void>,
): Promise<void> {
  const common = house;
  house = await ReconciliationHouse.open(settings);
  try {
    await live();
  } finally {
    await house.close();
    house = common;
  }
}

const wrongs = [
  'missing-here',
  'status-differs',
  'amount-differs',
  'refund-differs',
  'both-differ',
  'order-without-entries',
  'entries-do-not-add-up',
] as const;

const exported = fc.record({
  paid: fc.bigInt({ min: 100n, max: 5_000_000n }),
  subsidy: fc.bigInt({ min: 0n, max: 99n }),
  refunded: fc.bigInt({ min: 0n, max: 90n }),
  by: fc.bigInt({ min: 1n, max: 9n }),
  wrong: fc.option(fc.constantFrom(...wrongs), { nil: null, freq: 2 }),
});
type Exported = typeof exported extends fc.Arbitrary<infer T> ? T : never;

/** Tells it and writes its line, and spoils what is to be wrong; what must be told of it, if anything. */
async function live(
  at: Scene,
  orderId: string,
  { wrong, by, ...figures }: Exported,
): Promise<{ readonly lines: readonly string[]; readonly expected: readonly string[] }> {
  const left = figures.paid + figures.subsidy - figures.refunded;
  const row = (of: Figures): readonly string[] => [line(at, orderId, of)];
  if (wrong === 'missing-here') {
    return { lines: row(figures), expected: [`exports ${wrong} ${orderId} ${left}`] };
  }
  await tell(at, orderId, figures);
  const { paid, refunded } = figures;
  const ledger = at.ledger.orders.get(orderId);
  switch (wrong) {
    case null:
      return { lines: row(figures), expected: [] };
    case 'status-differs':
      return { lines: [], expected: [`exports ${wrong} ${orderId} ${left}`] };
    case 'amount-differs':
      return {
        lines: row({ ...figures, paid: paid + by }),
        expected: [`exports amount-differs ${orderId} ${by}`],
      };
    case 'refund-differs':
      return {
        lines: row({ ...figures, refunded: refunded + by }),
        expected: [`exports amount-differs ${orderId} ${-by}`],
      };
    case 'both-differ':
      return {
        lines: row({ ...figures, paid: paid + by, refunded: refunded + by }),
        expected: [`exports amount-differs ${orderId} ${by}`],
      };
    case 'order-without-entries':
      at.ledger.orders.delete(orderId);
      return { lines: row(figures), expected: [`orders ${wrong} ${orderId} ${left}`] };
    case 'entries-do-not-add-up':
      if (ledger === undefined) throw new Error('it was told');
      at.ledger.orders.set(orderId, { ...ledger, entriesMinor: ledger.entriesMinor + by });
      return { lines: row(figures), expected: [`orders ${wrong} ${orderId} ${by}`] };
    default: {
      const never: never = wrong;
      return never;
    }
  }
}

describe('the power of an export of the order system', () => {
  it('R-REC-2 O8 k discrepancies of every class are exactly those k, none are none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(exported, { maxLength: 14 }), async (orders) => {
        const at = await scene();
        const lines: string[] = [];
        const expected: string[] = [];
        for (const [index, order] of orders.entries()) {
          const lived = await live(at, `o-${index}`, order);
          lines.push(...lived.lines);
          expected.push(...lived.expected);
        }
        const row = await compared(at, lines);
        expect(row).toMatchObject({ state: 'done', rowCount: lines.length });
        expect((await differences(at.shopId)).sort()).toEqual(expected.sort());
        const found = Object.values(row.found).reduce((sum, count) => sum + count, 0);
        expect(found).toBe(expected.length);
      }),
      { numRuns: 25 },
    );
  });

  it('R-REC-2 O8 of each class one is found, with both sides’ evidence', async () => {
    const at = await scene();
    const order = { paid: 1_000n, subsidy: 5n, refunded: 7n, by: 3n };
    const lived = [];
    for (const wrong of wrongs) lived.push(await live(at, wrong, { ...order, wrong }));
    const row = await compared(
      at,
      lived.flatMap(({ lines }) => lines),
    );
    expect(row.found).toEqual({
      ...{ 'missing-here': 1, 'status-differs': 1, 'amount-differs': 3 },
      ...{ 'order-without-entries': 1, 'entries-do-not-add-up': 1 },
    });
    const rows = await house.differences(at.shopId, 'open');
    const of = (id: string): unknown => rows.find(({ subjectId }) => subjectId === id);
    const { exportId } = row;
    const { day } = at;
    expect(of('missing-here')).toMatchObject({ day, ours: null, theirs: { exportId } });
    expect(of('status-differs')).toMatchObject({
      ours: { paidMinor: '1005' },
      theirs: { exportId },
    });
    expect(of('refund-differs')).toMatchObject({
      ours: { paidMinor: '1005', refundedMinor: '7' },
      theirs: { paidMinor: '1005', refundedMinor: '10' },
    });
    const raised = (weight: string): string => `reconciliation-difference raised ${weight}`;
    expect((await alerts(at.shopId)).sort()).toEqual([
      ...Array<string>(4).fill(raised('critical')),
      ...Array<string>(3).fill(raised('warning')),
    ]);
  });
});

describe('what mends a difference with an export', () => {
  const figures = { paid: 10_000n, subsidy: 0n, refunded: 0n };

  it('R-REC-2 R-REC-3 the message that was missing, at once', async () => {
    const at = await scene();
    await compared(at, [line(at, 'o-1', figures)]);
    expect(await differences(at.shopId)).toEqual(['exports missing-here o-1 10000']);
    await tell(at, 'o-1', figures);
    expect(await differences(at.shopId)).toEqual([]);
    expect(await alerts(at.shopId)).toEqual([
      'reconciliation-difference raised warning',
      'reconciliation-difference resolved warning',
    ]);
  });

  it('R-REC-2 R-REC-3 the message that comes while it is compared', async () => {
    const at = await scene();
    await tell(at, 'o-1', figures);
    house.onAsked = async () => {
      house.onAsked = () => Promise.resolve();
      await tell(at, 'o-2', figures);
    };
    const row = await compared(at, [line(at, 'o-1', figures), line(at, 'o-2', figures)]);
    expect(row.found).toEqual({});
    expect(await house.differences(at.shopId)).toEqual([]);
  });

  it('R-REC-2 R-REC-3 of a refund that was missing, and of one that was reversed', async () => {
    const at = await scene();
    await tell(at, 'o-1', figures);
    await tell(at, 'o-2', { ...figures, refunded: 500n });
    const lines = [line(at, 'o-1', { ...figures, refunded: 700n }), line(at, 'o-2', figures)];
    await compared(at, lines);
    expect((await differences(at.shopId)).sort()).toEqual([
      'exports amount-differs o-1 -700',
      'exports amount-differs o-2 500',
    ]);
    await refund(at, 'o-1', 700n);
    const { shopId, noon } = at;
    await house.tell('order-refund-reversed', {
      ...{ shopId, orderId: 'o-2', refundId: `r-${noon.getTime()}`, at: noon.toISOString() },
    });
    expect(await differences(shopId)).toEqual([]);
  });

  it('R-REC-2 R-REC-3 a later export; and one that is taken as of before it does not', async () => {
    const at = await scene();
    const { shopId, day } = at;
    await tell(at, 'o-1', figures);
    await tell(at, 'o-2', figures);
    await compared(at, [line(at, 'o-1', { ...figures, paid: 9_999n })]);
    const wrong = ['exports amount-differs o-1 -1', 'exports status-differs o-2 10000'];
    expect((await differences(shopId)).sort()).toEqual(wrong);
    const both = [line(at, 'o-1', figures), line(at, 'o-2', figures)];
    const asOf = formatInstant(dayStart(nextDay(day)), 'Asia/Shanghai');
    await compared(at, both, { day, asOf });
    expect((await differences(shopId)).sort()).toEqual(wrong);
    await compared(at, both);
    expect(await differences(shopId)).toEqual([]);
    expect(await house.differences(shopId)).toHaveLength(2);
  });

  it('R-REC-2 R-REC-3 a later export that has the order no longer', async () => {
    const at = await scene();
    await compared(at, [line(at, 'o-1', figures), line(at, 'o-2', figures)]);
    await tell(at, 'o-2', figures);
    expect(await differences(at.shopId)).toEqual(['exports missing-here o-1 10000']);
    await compared(at, []);
    expect(await differences(at.shopId)).toEqual(['exports status-differs o-2 10000']);
  });

  it('R-REC-2 what is told later of the same order is no difference of an older export', async () => {
    const at = await scene();
    await tell(at, 'o-1', figures);
    await compared(at, [line(at, 'o-1', figures)]);
    await house.moveTo(new Date(+house.clock.now() + hour));
    await refund(at, 'o-1', 400n, house.clock.now());
    at.ledger.orders.set('o-1', {
      ...{ state: 'settling', keepsRest: false, entryCount: 4, entriesMinor: 9_600n },
    });
    const again = await compared(at, [line(at, 'o-1', figures)]);
    expect([again.asked, again.found]).toEqual([2, {}]);
    expect(await differences(at.shopId)).toEqual([]);
    await compared(at, [line(at, 'o-1', figures)], {
      day: at.day,
      asOf: house.clock.now().toISOString(),
    });
    expect(await differences(at.shopId)).toEqual(['exports amount-differs o-1 400']);
  });

  it('R-REC-3 not an export of another day: it looks again and finds it still', async () => {
    const at = await scene();
    const { shopId } = at;
    await compared(at, [line(at, 'o-1', figures)]);
    const row = await compared(at, [], { day: beijingDay(house.clock.now()) });
    expect(row).toMatchObject({ state: 'done', found: {} });
    expect(await differences(shopId)).toEqual(['exports missing-here o-1 10000']);
  });

  it('R-REC-3 not a day that is compared: it looks again and finds it still', async () => {
    const at = await scene();
    const { shopId } = at;
    house.alipay.set(shopId, at.alipay);
    await compared(at, [line(at, 'o-1', figures)]);
    const today = beijingDay(house.clock.now());
    await house.liveThroughBillOf(today);
    expect(await house.dayOf(shopId, today)).toMatchObject({ state: 'done' });
    expect(await differences(shopId)).toEqual(['exports missing-here o-1 10000']);
    house.closeShop(shopId);
  });
});

describe('an export that is due', () => {
  it('R-REC-2 is one replica’s, the shop’s next waits for it, and another takes what one has left', async () => {
    await inHouseOf({}, async () => {
      // Whoever takes one is played here.
      await house.exportWorker.beforeApplicationShutdown();
      const [first, other] = [await scene(), await scene()];
      const kept = await upload(first, []);
      const asOf = house.clock.now().toISOString();
      const next = await upload(first, [], { day: first.day, asOf });
      const beside = await upload(other, []);
      const take = async (owner: string, leaseSeconds: number): Promise<string | null> => {
        const row = await house.units.run(({ tx }) => takeDueExport(tx, { owner, leaseSeconds }));
        return row?.exportId ?? null;
      };
      expect(await take('a', 60)).toBe(kept.exportId);
      expect(await take('b', 60)).toBe(beside.exportId);
      expect(await take('b', 60)).toBeNull();
      await giveExportBack(house.database, kept);
      expect(await take('b', 0)).toBe(kept.exportId);
      // It died: its lease is over.
      expect(await take('c', 60)).toBe(kept.exportId);
      const done = `UPDATE order_export SET state = 'done' WHERE export_id = $1`;
      await house.database.query(done, [kept.exportId]);
      expect(await take('c', 60)).toBe(next.exportId);
    });
  });
});

describe('an upload', () => {
  const figures = { paid: 10_000n, subsidy: 0n, refunded: 0n };

  async function refusal(work: Promise<unknown>): Promise<ProblemError['problem']> {
    try {
      await work;
    } catch (error) {
      if (error instanceof ProblemError) return error.problem;
      throw error;
    }
    throw new Error('it was taken');
  }

  it('R-REC-2 is kept once, however often and by however many it is sent, and told of', async () => {
    const at = await scene();
    const { shopId } = at;
    await tell(at, 'o-1', figures);
    const lines = [line(at, 'o-1', figures)];
    await Promise.all(Array.from({ length: 8 }, () => upload(at, lines)));
    const row = await compared(at, lines);
    expect(row).toMatchObject({
      asked: 9,
      rowCount: 1,
      state: 'done',
      uploadedBy: 'wang',
      found: {},
    });
    const controller = new OrderExportController(house.database, house.exports, house.exportWorker);
    const { items } = await controller.list(shopId, {});
    expect(items).toMatchObject([
      { exportId: row.exportId, state: 'done', rows: 1, found: [], problem: null },
    ]);
    const acts = await house.database.query<{ action: string; actor: string }>(
      'SELECT DISTINCT action, actor FROM audit WHERE shop_id = $1',
      [shopId],
    );
    expect(acts).toEqual([{ action: 'order-export.upload', actor: 'wang' }]);
    // The same bytes of another day are another upload: each may be of no orders.
    await compared(at, lines, { day: at.day, asOf: house.clock.now().toISOString() });
    expect((await controller.list(shopId, {})).items).toHaveLength(2);
    expect(await house.differences(shopId)).toEqual([]);
  });

  it('R-REC-2 R-REC-3 with a bad row is refused whole, with lines and fields, and nothing is kept', async () => {
    const at = await scene();
    const lines = [
      line(at, 'o-1', figures),
      line(at, 'o-1', figures),
      line(at, 'o-3', { ...figures, refunded: 10_001n }),
      'o-4,CNY,,2026-01-05 10:00:00,100,,0.00',
    ];
    const { status, code, detail, errors } = await refusal(upload(at, lines));
    expect([status, code]).toEqual([422, 'bad-export']);
    expect(detail).toContain('3 faults');
    expect(errors.map(({ pointer }) => pointer)).toEqual([
      ...['/lines/3/orderId', '/lines/4/refunded', '/lines/5/completedAt'],
    ]);
    for (const table of ['order_export', 'order_export_row', 'audit']) {
      const kept = await house.database.query(`SELECT 1 FROM ${table} WHERE shop_id = $1`, [
        at.shopId,
      ]);
      expect(kept).toEqual([]);
    }
  });

  it.each([
    ['of the future', { asOf: '2999-01-01T00:00:00+08:00' }, '/asOf'],
    ['of a day that has not begun', { day: '2999-01-01' }, '/day'],
  ])('R-REC-2 %s is refused', async (_, query, pointer) => {
    const at = await scene();
    const { errors } = await refusal(upload(at, [], { day: at.day, ...query }));
    expect(errors.map((one) => one.pointer)).toEqual([pointer]);
  });

  it('R-REC-2 of which more differs than anybody can look at is refused, and decides nothing', async () => {
    await inHouseOf({ DIFFERENCES_MAX: 2 }, async () => {
      const at = await scene();
      const { shopId } = at;
      await tell(at, 'o-1', figures);
      await compared(at, [line(at, 'o-1', { ...figures, refunded: 5n })]);
      const lines = ['o-1', 'o-2', 'o-3', 'o-4'].map((orderId) => line(at, orderId, figures));
      const row = await compared(at, lines);
      expect(row).toMatchObject({
        ...{ state: 'refused', problem: expect.stringContaining('more than 2'), found: {} },
      });
      // It would say that all is well with the order, or that there is no such order.
      await refund(at, 'o-1', 3n);
      expect(await differences(shopId)).toEqual(['exports amount-differs o-1 -2']);
      await compared(at, lines.slice(1));
      await refund(at, 'o-1', 1n, new Date(+at.noon + hour));
      expect(await differences(shopId)).toEqual(['exports amount-differs o-1 -1']);
      for (const orderId of ['o-2', 'o-3', 'o-4']) await tell(at, orderId, figures);
      await refund(at, 'o-1', 1n, new Date(+at.noon + 2 * hour));
      expect(await differences(shopId)).toEqual([]);
      expect(await compared(at, lines)).toMatchObject({ state: 'done', asked: 2 });
    });
  });

  it('R-REC-2 rows that were kept are never changed', async () => {
    const at = await scene();
    await compared(at, [line(at, 'o-1', figures)]);
    const change = 'UPDATE order_export_row SET paid_minor = 1 WHERE shop_id = $1';
    await expect(house.database.query(change, [at.shopId])).rejects.toThrow('only ever appended');
  });
});
