import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '@qingfen/calendar';
import { createLogger } from '@qingfen/telemetry';
import { line, OrderExports, type Scene } from './order-export.fixture.js';
import { OrderExportRetention } from './order-export-retention.js';
import { listExports } from './order-export.store.js';
import { ReconciliationHouse } from './reconciliation-house.fixture.js';

const keepDays = 400;
const figures = { paid: 1_000n, subsidy: 0n, refunded: 0n };
const other = { ...figures, paid: 1_001n };

let exports: OrderExports;
let retention: OrderExportRetention;
beforeAll(async () => {
  exports = new OrderExports(await ReconciliationHouse.open());
  const logger = createLogger({ service: 'reconciliation', level: 'fatal' });
  const env = { count: () => keepDays };
  retention = new OrderExportRetention(env, exports.house.units, logger);
});
afterAll(() => exports.house.close());

async function kept(shopId: string): Promise<readonly (readonly [string, number])[]> {
  const { database } = exports.house;
  const all = await listExports(database, shopId, { after: null, limit: 500 });
  const rows = await database.query<{ exportNo: bigint; count: bigint }>(
    `SELECT export_no AS "exportNo", count(*) AS count FROM order_export_row
      WHERE shop_id = $1 GROUP BY 1`,
    [shopId],
  );
  const counts = new Map(rows.map(({ exportNo, count }) => [exportNo, Number(count)]));
  expect([...counts.keys()].every((no) => all.some(({ exportNo }) => exportNo === no))).toBe(true);
  return all.map(({ exportId, exportNo }) => [exportId, counts.get(exportNo) ?? 0]);
}

async function later(days: number): Promise<void> {
  const { house } = exports;
  house.clock.take(addDays(house.clock.now(), days));
}

async function told(at: Scene, ...orderIds: readonly string[]): Promise<void> {
  for (const orderId of orderIds) await exports.tell(at, orderId, figures);
}

describe('how long exports of the order system are kept', () => {
  it('R-REC-2 R-OPS-3 one goes whole when it is old enough, not a day before, and its audit stays', async () => {
    const at = await exports.scene();
    await told(at, 'o-1', 'o-2');
    const row = await exports.compared(at, [line(at, 'o-1', figures), line(at, 'o-2', figures)]);
    await later(keepDays);
    expect(await retention.round()).toBe(0);
    expect(await kept(at.shopId)).toEqual([[row.exportId, 2]]);
    await later(1);
    expect(await retention.round()).toBe(1);
    expect(await kept(at.shopId)).toEqual([]);
    const acts = await exports.house.database.query<{ action: string; before: unknown }>(
      `SELECT action, before FROM audit WHERE shop_id = $1 AND subject_id = $2 ORDER BY audit_id`,
      [at.shopId, row.exportId],
    );
    expect(acts.map(({ action }) => action)).toEqual(['order-export.upload', 'order-export.drop']);
    expect(acts[1]?.before).toMatchObject({ sha256: row.sha256, rows: 2 });
  });

  it('R-REC-2 R-REC-3 one that an open difference is of stays, and those made after it, until it is closed', async () => {
    const at = await exports.scene();
    await told(at, 'o-1', 'o-2');
    const [right, wrong] = [line(at, 'o-1', figures), line(at, 'o-1', other)];
    const rest = line(at, 'o-2', figures);
    const [first, second, third] = [
      await exports.compared(at, [right, rest]),
      await exports.compared(at, [wrong, rest]),
      await exports.compared(at, [rest, wrong]),
    ];
    expect(new Set([first.exportId, second.exportId, third.exportId]).size).toBe(3);
    await later(keepDays + 1);
    // The difference is of the second; were the third gone, the second would decide on all of its orders.
    expect(await retention.round()).toBe(1);
    expect(await kept(at.shopId)).toEqual([
      [second.exportId, 2],
      [third.exportId, 2],
    ]);
    expect(await retention.round()).toBe(0);
    expect(await exports.differences(at.shopId)).toEqual(['exports amount-differs o-1 1']);
    await exports.house.database.query(
      `UPDATE difference SET state = 'cleared', closed_at = opened_at WHERE shop_id = $1`,
      [at.shopId],
    );
    expect(await retention.round()).toBe(2);
    expect(await kept(at.shopId)).toEqual([]);
  });

  it('R-REC-2 what is left decides as before, and the same file can be uploaded again', async () => {
    const at = await exports.scene();
    await told(at, 'o-1');
    const lines = [line(at, 'o-1', figures)];
    await exports.compared(at, lines);
    await later(keepDays + 1);
    expect(await retention.round()).toBe(1);
    await told(at, 'o-1');
    expect(await exports.differences(at.shopId)).toEqual([]);
    const again = await exports.compared(at, lines);
    expect(again).toMatchObject({ state: 'done', rowCount: 1, found: {} });
    expect(await kept(at.shopId)).toEqual([[again.exportId, 1]]);
  });

  it('R-SEC-3 rows are never deleted while their export is there, nor changed', async () => {
    const at = await exports.scene();
    await told(at, 'o-1');
    await exports.compared(at, [line(at, 'o-1', figures)]);
    const { database } = exports.house;
    const where = `WHERE shop_id = '${at.shopId}'`;
    await expect(database.query(`DELETE FROM order_export_row ${where}`)).rejects.toThrow(
      'goes with it',
    );
    await expect(
      database.query(`UPDATE order_export_row SET paid_minor = 1 ${where}`),
    ).rejects.toThrow('only ever appended to');
  });
});
