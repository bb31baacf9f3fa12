import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DailyReport, EventData, Kind, PayoutPosition } from '@qingfen/contracts';
import { localDaySpan } from '@qingfen/core-reconciliation';
import type { ServiceAnswer, ServiceRequest } from '@qingfen/hosting';
import { minor, parseAmount } from '@qingfen/money';
import fc from 'fast-check';
import { DailyReportService } from './daily-report.service.js';
import { live } from './lived-day.fixture.js';
import { ReconciliationHouse, yuan } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;
let reports: DailyReportService;
/** What payout answers, and whether it does. */
let position: PayoutPosition;
let payoutStatus = 200;
const asked: string[] = [];

const alerts = {
  items: [{ class: 'balance-differs', severity: 'critical', raised: 1, open: 2 }],
  totals: { raised: 1, open: 2 },
} as const;
const nothingOpen: PayoutPosition = {
  openPayouts: { items: [], totals: [] },
  foreseen: { asOf: null, days: [], total: '0.00' },
};

beforeAll(async () => {
  house = await ReconciliationHouse.open();
  const client = {
    request: <T>({ service, path }: ServiceRequest): Promise<ServiceAnswer<T>> => {
      asked.push(`${service} ${path}`);
      const isPayout = service === 'payout';
      const body = (isPayout ? position : alerts) as T;
      const status = isPayout ? payoutStatus : 200;
      return Promise.resolve({ status, body, headers: { get: () => null } });
    },
  };
  reports = new DailyReportService(house.database, house.clock, client);
  position = nothingOpen;
  await house.moveTo(new Date('2026-04-02T08:00:00+08:00'));
});
afterAll(() => house.close());

const kinds = ['commission', 'supplier', 'team-reward'] as const;
const zones = ['Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Asia/Kathmandu'] as const;
const ends = ['succeeded', 'failed', 'cancelled', 'returned', 'open'] as const;
/** A day on which the clocks change in Berlin, and its neighbours. */
const days = ['2026-03-28', '2026-03-29', '2026-03-30'] as const;

const payout = fc.record({
  fen: fc.bigInt({ min: 1n, max: 5_000_000n }),
  kind: fc.constantFrom(...kinds),
  end: fc.constantFrom(...ends),
  /** Minutes from the beginning of the first day in UTC. */
  statedAt: fc.integer({ min: -900, max: 3 * 1440 + 900 }),
  paidAfter: fc.integer({ min: 0, max: 1440 }),
  returnedAfter: fc.integer({ min: 1, max: 1440 }),
  /** Its end is heard before its request. */
  isOvertaken: fc.boolean(),
});
type LivedPayout = typeof payout extends fc.Arbitrary<infer T> ? T : never;

const minuteMs = 60_000;
const begins = new Date('2026-03-28T00:00:00Z').getTime();
const times = ({ statedAt, paidAfter, returnedAfter }: LivedPayout) => {
  const stated = begins + statedAt * minuteMs;
  const paid = stated + paidAfter * minuteMs;
  return { stated, paid, returned: paid + returnedAfter * minuteMs };
};
const iso = (ms: number): string => new Date(ms).toISOString();

async function tell(shopId: string, name: string, lived: LivedPayout): Promise<void> {
  const { kind, fen, end } = lived;
  const { stated, paid, returned } = times(lived);
  const statementId = `st-${name}`;
  const of = { shopId, statementId, payeeId: 'd-1', kind, currency: 'CNY' } as const;
  const facts = { ...of, payoutId: `po-${name}`, amount: yuan(fen) };
  await house.tell('statement-issued', {
    ...of,
    ...{ period: 'p', cutoff: iso(stated), issuedAt: iso(stated), entryCount: 1, net: yuan(fen) },
  });
  const request = (): Promise<void> =>
    house.tell('payout-requested', {
      ...facts,
      ...{ part: 1, parts: 1, payVia: 'transfer', requestedAt: iso(stated), remark: '' },
    });
  const result = (status: EventData['payout-result']['status'], seq: number, at: number) =>
    house.tell('payout-result', { ...facts, status, seq, at: iso(at) });
  if (!lived.isOvertaken) await request();
  if (end !== 'open') await result(end === 'returned' ? 'succeeded' : end, 3, paid);
  if (end === 'returned') await result('returned', 5, returned);
  if (lived.isOvertaken) await request();
}

/** The same figures, computed once more from what was lived: `movement kind` → [count, fen]. */
function recomputed(
  lived: readonly LivedPayout[],
  { from, to }: { readonly from: Date; readonly to: Date },
): Map<string, [count: number, fen: bigint]> {
  const figures = new Map<string, [number, bigint]>();
  const add = (ms: number, movement: string, { kind, fen }: LivedPayout): void => {
    if (ms < from.getTime() || ms >= to.getTime()) return;
    for (const whose of [kind, 'all']) {
      const [count, sum] = figures.get(`${movement} ${whose}`) ?? [0, 0n];
      figures.set(`${movement} ${whose}`, [count + 1, sum + fen]);
    }
  };
  for (const one of lived) {
    const { stated, paid, returned } = times(one);
    add(stated, 'statements', one);
    add(stated, 'requested', one);
    if (one.end === 'succeeded' || one.end === 'returned') add(paid, 'succeeded', one);
    if (one.end === 'returned') add(returned, 'returned', one);
    if (one.end === 'failed' || one.end === 'cancelled') add(paid, one.end, one);
    if (one.end === 'failed' || one.end === 'cancelled') add(paid, 'givenBack', one);
    if (one.end === 'returned') add(returned, 'givenBack', one);
  }
  return figures;
}

const figureNames = [
  'statements',
  'requested',
  'succeeded',
  'failed',
  'cancelled',
  'returned',
  'givenBack',
] as const;

function told({ kinds: byKind, totals }: DailyReport): Map<string, [number, bigint]> {
  const all = [...byKind, ...totals.map((figures) => ({ ...figures, kind: 'all' as const }))];
  const figures = all.flatMap((one) =>
    figureNames.map((name): [string, [number, bigint]] => {
      const { count, amount } = one[name];
      return [`${name} ${one.kind}`, [count, parseAmount(amount, 'CNY')]];
    }),
  );
  return new Map(figures.filter(([, [count]]) => count > 0));
}

describe("a shop's day", () => {
  it('R-REC-1 O1 in whatever zone is what was told, summed up once more by hand', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(payout, { maxLength: 12 }),
        fc.constantFrom(...zones),
        async (lived, timezone) => {
          const { shopId } = await house.shop();
          const shop = { name: shopId, noticePeriodDays: 0, transferMax: '50000.00' };
          const updatedAt = '2026-04-02T08:00:00+08:00';
          await house.tell('shop-upserted', { shopId, ...shop, timezone, updatedAt });
          for (const [index, one] of lived.entries()) await tell(shopId, `${index}`, one);
          for (const day of days) {
            const report = await reports.of(shopId, day);
            expect(told(report)).toEqual(recomputed(lived, localDaySpan(day, timezone)));
            expect(report).toMatchObject({ shopId, day, timezone, cash: { day, state: 'none' } });
          }
          house.closeShop(shopId);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('R-REC-1 R-REC-4 has the balance of its bill, and what differs by class', async () => {
    const sides = await house.shop();
    const { shopId } = sides;
    const thing = { by: 3n, first: true, end: 'succeeded' } as const;
    await live(house, sides, {
      day: '2026-04-02',
      things: [
        { ...thing, fen: 1_000n, wrong: null },
        { ...thing, fen: 2_000n, wrong: 'unknown-transfer-out' },
        { ...thing, fen: 3_000n, wrong: 'amount-differs' },
        { ...thing, fen: 4_000n, wrong: 'amount-differs' },
      ],
    });
    await house.liveThroughBillOf('2026-04-02');
    const { cash, differences, totals, openPayouts } = await reports.of(shopId, '2026-04-02');
    const balance = yuan(sides.alipay.balanceAt('2026-04-02'));
    const counts = { orders: 4, entries: 12, statements: 4, payouts: 4, billLines: 9 };
    expect(cash).toEqual({
      day: '2026-04-02',
      state: 'done',
      ...{ ledger: balance, alipay: balance, difference: '0.00', counts },
    });
    expect(differences).toEqual({
      items: [
        { class: 'amount-differs', currency: 'CNY', count: 2, amount: '0.06' },
        { class: 'unknown-transfer-out', currency: 'CNY', count: 1, amount: '0.03' },
      ],
      totals: [{ currency: 'CNY', count: 3, amount: '0.09' }],
    });
    expect(totals).toMatchObject([{ succeeded: { count: 4, amount: '100.00' } }]);
    expect(openPayouts).toEqual(nothingOpen.openPayouts);
  });

  it('R-REC-1 asks payout and notification about its own time, and insists that parts add up', async () => {
    const { shopId } = await house.shop();
    const open = { kind: 'commission' as Kind, state: 'review', currency: 'CNY' } as const;
    const sum = { count: 1, amount: '5.00' };
    const total = { currency: 'CNY', ...sum };
    position = { ...nothingOpen, openPayouts: { items: [{ ...open, ...sum }], totals: [total] } };
    asked.length = 0;
    const report = await reports.of(shopId, '2026-04-01');
    expect(report.openPayouts).toEqual(position.openPayouts);
    expect(report.alerts).toEqual(alerts);
    expect(asked).toEqual([
      `payout /internal/shops/${shopId}/payout-position`,
      `notification /internal/shops/${shopId}/alert-counts?` +
        'from=2026-03-31T16%3A00%3A00.000Z&to=2026-04-01T16%3A00%3A00.000Z',
    ]);
    const { items } = position.openPayouts;
    const wrong = [{ ...total, amount: '5.01' }];
    position = { ...nothingOpen, openPayouts: { items, totals: wrong } };
    await expect(reports.of(shopId, '2026-04-01')).rejects.toThrow('the parts of CNY come to 500');
    position = nothingOpen;
  });

  it('R-REC-1 is refused where there is none, and not given by half', async () => {
    const { shopId } = await house.shop();
    const refused = { problem: { status: 404 } };
    await expect(reports.of('nobody', '2026-04-01')).rejects.toMatchObject(refused);
    await expect(reports.of(shopId, '2026-02-30')).rejects.toMatchObject(refused);
    await expect(reports.of(shopId, '2027-01-01')).rejects.toMatchObject(refused);
    payoutStatus = 503;
    await expect(reports.of(shopId, '2026-04-01')).rejects.toThrow('payout does not answer');
    payoutStatus = 200;
  });
});

it('R-REC-1 what was heard before kinds were kept is told without one', async () => {
  const { shopId } = await house.shop();
  const lived = { ...firstPayout, kind: 'commission' as const };
  await tell(shopId, 'old', lived);
  await house.database.query('UPDATE told_payout SET kind = NULL WHERE shop_id = $1', [shopId]);
  const { kinds: byKind, totals } = await reports.of(shopId, '2026-03-28');
  expect(byKind.map(({ kind, succeeded }) => [kind, succeeded.count])).toEqual([
    ['commission', 0],
    [null, 1],
  ]);
  expect(totals).toMatchObject([{ succeeded: { count: 1, amount: yuan(minor(700n)) } }]);
});

const firstPayout: LivedPayout = {
  ...{ fen: 700n, kind: 'commission', end: 'succeeded', isOvertaken: false },
  ...{ statedAt: 0, paidAfter: 1, returnedAfter: 1 },
};
