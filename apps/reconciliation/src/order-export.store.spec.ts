import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatInstant } from '@qingfen/calendar';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import fc from 'fast-check';
import { OrderExports, exported, hour, line, wrongs } from './order-export.fixture.js';
import { ReconciliationHouse } from './reconciliation-house.fixture.js';

let exports: OrderExports;

beforeAll(async () => {
  exports = new OrderExports(await ReconciliationHouse.open());
});
afterAll(() => exports.house.close());

describe('the power of an export of the order system', () => {
  it('R-REC-2 O8 k discrepancies of every class are exactly those k, none are none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(exported, { maxLength: 14 }), async (orders) => {
        const at = await exports.scene();
        const lines: string[] = [];
        const expected: string[] = [];
        for (const [index, order] of orders.entries()) {
          const lived = await exports.live(at, `o-${index}`, order);
          lines.push(...lived.lines);
          expected.push(...lived.expected);
        }
        const row = await exports.compared(at, lines);
        expect(row).toMatchObject({ state: 'done', rowCount: lines.length });
        expect((await exports.differences(at.shopId)).sort()).toEqual(expected.sort());
        const found = Object.values(row.found).reduce((sum, count) => sum + count, 0);
        expect(found).toBe(expected.length);
      }),
      { numRuns: 25 },
    );
  });

  it('R-REC-2 O8 of each class one is found, with both sides’ evidence', async () => {
    const at = await exports.scene();
    const order = { paid: 1_000n, subsidy: 5n, refunded: 7n, by: 3n };
    const lived = [];
    for (const wrong of wrongs) lived.push(await exports.live(at, wrong, { ...order, wrong }));
    const row = await exports.compared(
      at,
      lived.flatMap(({ lines }) => lines),
    );
    expect(row.found).toEqual({
      ...{ 'missing-here': 1, 'status-differs': 1, 'amount-differs': 3 },
      ...{ 'order-without-entries': 1, 'entries-do-not-add-up': 1 },
    });
    const rows = await exports.house.differences(at.shopId, 'open');
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
    expect((await exports.alerts(at.shopId)).sort()).toEqual([
      ...Array<string>(4).fill(raised('critical')),
      ...Array<string>(3).fill(raised('warning')),
    ]);
  });
});

describe('what mends a difference with an export', () => {
  const figures = { paid: 10_000n, subsidy: 0n, refunded: 0n };

  it('R-REC-2 R-REC-3 the message that was missing, at once', async () => {
    const at = await exports.scene();
    await exports.compared(at, [line(at, 'o-1', figures)]);
    expect(await exports.differences(at.shopId)).toEqual(['exports missing-here o-1 10000']);
    await exports.tell(at, 'o-1', figures);
    expect(await exports.differences(at.shopId)).toEqual([]);
    expect(await exports.alerts(at.shopId)).toEqual([
      'reconciliation-difference raised warning',
      'reconciliation-difference resolved warning',
    ]);
  });

  it('R-REC-2 R-REC-3 the message that comes while it is compared', async () => {
    const at = await exports.scene();
    await exports.tell(at, 'o-1', figures);
    exports.house.onAsked = async () => {
      exports.house.onAsked = () => Promise.resolve();
      await exports.tell(at, 'o-2', figures);
    };
    const row = await exports.compared(at, [line(at, 'o-1', figures), line(at, 'o-2', figures)]);
    expect(row.found).toEqual({});
    expect(await exports.house.differences(at.shopId)).toEqual([]);
  });

  it('R-REC-2 R-REC-3 of a refund that was missing, and of one that was reversed', async () => {
    const at = await exports.scene();
    await exports.tell(at, 'o-1', figures);
    await exports.tell(at, 'o-2', { ...figures, refunded: 500n });
    const lines = [line(at, 'o-1', { ...figures, refunded: 700n }), line(at, 'o-2', figures)];
    await exports.compared(at, lines);
    expect((await exports.differences(at.shopId)).sort()).toEqual([
      'exports amount-differs o-1 -700',
      'exports amount-differs o-2 500',
    ]);
    await exports.refund(at, 'o-1', 700n);
    const { shopId, noon } = at;
    await exports.house.tell('order-refund-reversed', {
      ...{ shopId, orderId: 'o-2', refundId: `r-${noon.getTime()}`, at: noon.toISOString() },
    });
    expect(await exports.differences(shopId)).toEqual([]);
  });

  it('R-REC-2 R-REC-3 a later export; and one that is taken as of before it does not', async () => {
    const at = await exports.scene();
    const { shopId, day } = at;
    await exports.tell(at, 'o-1', figures);
    await exports.tell(at, 'o-2', figures);
    await exports.compared(at, [line(at, 'o-1', { ...figures, paid: 9_999n })]);
    const wrong = ['exports amount-differs o-1 -1', 'exports status-differs o-2 10000'];
    expect((await exports.differences(shopId)).sort()).toEqual(wrong);
    const both = [line(at, 'o-1', figures), line(at, 'o-2', figures)];
    const asOf = formatInstant(dayStart(nextDay(day)), 'Asia/Shanghai');
    await exports.compared(at, both, { day, asOf });
    expect((await exports.differences(shopId)).sort()).toEqual(wrong);
    await exports.compared(at, both);
    expect(await exports.differences(shopId)).toEqual([]);
    expect(await exports.house.differences(shopId)).toHaveLength(2);
  });

  it('R-REC-2 R-REC-3 a later export that has the order no longer', async () => {
    const at = await exports.scene();
    await exports.compared(at, [line(at, 'o-1', figures), line(at, 'o-2', figures)]);
    await exports.tell(at, 'o-2', figures);
    expect(await exports.differences(at.shopId)).toEqual(['exports missing-here o-1 10000']);
    await exports.compared(at, []);
    expect(await exports.differences(at.shopId)).toEqual(['exports status-differs o-2 10000']);
  });

  it('R-REC-2 what is told later of the same order is no difference of an older export', async () => {
    const at = await exports.scene();
    await exports.tell(at, 'o-1', figures);
    await exports.compared(at, [line(at, 'o-1', figures)]);
    await exports.house.moveTo(new Date(+exports.house.clock.now() + hour));
    await exports.refund(at, 'o-1', 400n, exports.house.clock.now());
    at.ledger.orders.set('o-1', {
      ...{ state: 'settling', keepsRest: false, entryCount: 4, entriesMinor: 9_600n },
    });
    const again = await exports.compared(at, [line(at, 'o-1', figures)]);
    expect([again.asked, again.found]).toEqual([2, {}]);
    expect(await exports.differences(at.shopId)).toEqual([]);
    await exports.compared(at, [line(at, 'o-1', figures)], {
      day: at.day,
      asOf: exports.house.clock.now().toISOString(),
    });
    expect(await exports.differences(at.shopId)).toEqual(['exports amount-differs o-1 400']);
  });

  it('R-REC-3 not an export of another day: it looks again and finds it still', async () => {
    const at = await exports.scene();
    const { shopId } = at;
    await exports.compared(at, [line(at, 'o-1', figures)]);
    const row = await exports.compared(at, [], { day: beijingDay(exports.house.clock.now()) });
    expect(row).toMatchObject({ state: 'done', found: {} });
    expect(await exports.differences(shopId)).toEqual(['exports missing-here o-1 10000']);
  });

  it('R-REC-3 not a day that is compared: it looks again and finds it still', async () => {
    const at = await exports.scene();
    const { shopId } = at;
    exports.house.alipay.set(shopId, at.alipay);
    await exports.compared(at, [line(at, 'o-1', figures)]);
    const today = beijingDay(exports.house.clock.now());
    await exports.house.liveThroughBillOf(today);
    expect(await exports.house.dayOf(shopId, today)).toMatchObject({ state: 'done' });
    expect(await exports.differences(shopId)).toEqual(['exports missing-here o-1 10000']);
    exports.house.closeShop(shopId);
  });
});
