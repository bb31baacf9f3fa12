import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProblemError } from '@qingfen/hosting';
import { OrderExportController } from './order-export.controller.js';
import { giveExportBack, takeDueExport } from './order-export.store.js';
import { OrderExports, hour, line } from './order-export.fixture.js';
import { ReconciliationHouse } from './reconciliation-house.fixture.js';

let exports: OrderExports;

beforeAll(async () => {
  exports = new OrderExports(await ReconciliationHouse.open());
});
afterAll(() => exports.house.close());

describe('an export that is due', () => {
  it('R-REC-2 is one replica’s, the shop’s next waits for it, and another takes what one has left', async () => {
    await exports.inHouseOf({}, async () => {
      // Whoever takes one is played here.
      await exports.house.exportWorker.beforeApplicationShutdown();
      const [first, other] = [await exports.scene(), await exports.scene()];
      const kept = await exports.upload(first, []);
      const asOf = exports.house.clock.now().toISOString();
      const next = await exports.upload(first, [], { day: first.day, asOf });
      const beside = await exports.upload(other, []);
      const take = async (owner: string, leaseSeconds: number): Promise<string | null> => {
        const row = await exports.house.units.run(({ tx }) =>
          takeDueExport(tx, { owner, leaseSeconds }),
        );
        return row?.exportId ?? null;
      };
      expect(await take('a', 60)).toBe(kept.exportId);
      expect(await take('b', 60)).toBe(beside.exportId);
      expect(await take('b', 60)).toBeNull();
      await giveExportBack(exports.house.database, kept);
      expect(await take('b', 0)).toBe(kept.exportId);
      // It died: its lease is over.
      expect(await take('c', 60)).toBe(kept.exportId);
      const done = `UPDATE order_export SET state = 'done' WHERE export_id = $1`;
      await exports.house.database.query(done, [kept.exportId]);
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
    const at = await exports.scene();
    const { shopId } = at;
    await exports.tell(at, 'o-1', figures);
    const lines = [line(at, 'o-1', figures)];
    await Promise.all(Array.from({ length: 8 }, () => exports.upload(at, lines)));
    const row = await exports.compared(at, lines);
    expect(row).toMatchObject({
      asked: 9,
      rowCount: 1,
      state: 'done',
      uploadedBy: 'wang',
      found: {},
    });
    const controller = new OrderExportController(
      exports.house.database,
      exports.house.exports,
      exports.house.exportWorker,
    );
    const { items } = await controller.list(shopId, {});
    expect(items).toMatchObject([
      { exportId: row.exportId, state: 'done', rows: 1, found: [], problem: null },
    ]);
    const acts = await exports.house.database.query<{ action: string; actor: string }>(
      'SELECT DISTINCT action, actor FROM audit WHERE shop_id = $1',
      [shopId],
    );
    expect(acts).toEqual([{ action: 'order-export.upload', actor: 'wang' }]);
    // The same bytes of another day are another upload: each may be of no orders.
    await exports.compared(at, lines, {
      day: at.day,
      asOf: exports.house.clock.now().toISOString(),
    });
    expect((await controller.list(shopId, {})).items).toHaveLength(2);
    expect(await exports.house.differences(shopId)).toEqual([]);
  });

  it('R-REC-2 R-REC-3 with a bad row is refused whole, with lines and fields, and nothing is kept', async () => {
    const at = await exports.scene();
    const lines = [
      line(at, 'o-1', figures),
      line(at, 'o-1', figures),
      line(at, 'o-3', { ...figures, refunded: 10_001n }),
      'o-4,CNY,,2026-01-05 10:00:00,100,,0.00',
    ];
    const { status, code, detail, errors } = await refusal(exports.upload(at, lines));
    expect([status, code]).toEqual([422, 'bad-export']);
    expect(detail).toContain('3 faults');
    expect(errors.map(({ pointer }) => pointer)).toEqual([
      ...['/lines/3/orderId', '/lines/4/refunded', '/lines/5/completedAt'],
    ]);
    for (const table of ['order_export', 'order_export_row', 'audit']) {
      const kept = await exports.house.database.query(`SELECT 1 FROM ${table} WHERE shop_id = $1`, [
        at.shopId,
      ]);
      expect(kept).toEqual([]);
    }
  });

  it.each([
    ['of the future', { asOf: '2999-01-01T00:00:00+08:00' }, '/asOf'],
    ['of a day that has not begun', { day: '2999-01-01' }, '/day'],
  ])('R-REC-2 %s is refused', async (_, query, pointer) => {
    const at = await exports.scene();
    const { errors } = await refusal(exports.upload(at, [], { day: at.day, ...query }));
    expect(errors.map((one) => one.pointer)).toEqual([pointer]);
  });

  it('R-REC-2 of which more differs than anybody can look at is refused, and decides nothing', async () => {
    await exports.inHouseOf({ DIFFERENCES_MAX: 2 }, async () => {
      const at = await exports.scene();
      const { shopId } = at;
      await exports.tell(at, 'o-1', figures);
      await exports.compared(at, [line(at, 'o-1', { ...figures, refunded: 5n })]);
      const lines = ['o-1', 'o-2', 'o-3', 'o-4'].map((orderId) => line(at, orderId, figures));
      const row = await exports.compared(at, lines);
      expect(row).toMatchObject({
        ...{ state: 'refused', problem: expect.stringContaining('more than 2'), found: {} },
      });
      // It would say that all is well with the order, or that there is no such order.
      await exports.refund(at, 'o-1', 3n);
      expect(await exports.differences(shopId)).toEqual(['exports amount-differs o-1 -2']);
      await exports.compared(at, lines.slice(1));
      await exports.refund(at, 'o-1', 1n, new Date(+at.noon + hour));
      expect(await exports.differences(shopId)).toEqual(['exports amount-differs o-1 -1']);
      for (const orderId of ['o-2', 'o-3', 'o-4']) await exports.tell(at, orderId, figures);
      await exports.refund(at, 'o-1', 1n, new Date(+at.noon + 2 * hour));
      expect(await exports.differences(shopId)).toEqual([]);
      expect(await exports.compared(at, lines)).toMatchObject({ state: 'done', asked: 2 });
    });
  });

  it('R-REC-2 rows that were kept are never changed', async () => {
    const at = await exports.scene();
    await exports.compared(at, [line(at, 'o-1', figures)]);
    const change = 'UPDATE order_export_row SET paid_minor = 1 WHERE shop_id = $1';
    await expect(exports.house.database.query(change, [at.shopId])).rejects.toThrow(
      'only ever appended',
    );
  });
});
