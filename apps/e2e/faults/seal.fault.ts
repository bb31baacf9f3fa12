import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerVerification } from '@qingfen/contracts';
import type { Failpoint } from '@qingfen/failpoint';
import { later, span, until } from '@qingfen/testing';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { cascadePlan, FaultSystem, type Stage, type TestShop } from '../src/index.js';

const deadlineMs = 90_000;

/** Dies while it seals, and between saying a head and writing its file; nothing of either is lost. */
describe('kill -9 of the sealer', () => {
  let system: FaultSystem;
  let stage: Stage;
  let shop: TestShop;

  beforeAll(async () => {
    system = await FaultSystem.start();
    stage = system.stage;
    shop = await stage.newShop();
    await shop.publishPlan(cascadePlan);
  });
  afterAll(() => system.stop());

  async function verified(): Promise<LedgerVerification> {
    const { body } = await stage.gateway.call('GET', `/shops/${shop.shopId}/ledger/verify`);
    return body as LedgerVerification;
  }

  async function sell(): Promise<void> {
    await shop.publishOrders([shop.orderData({ at: await stage.gateway.now(), amount: '100.00' })]);
  }

  /** Waits until the ledger is sealed up to more blocks than it has, and verifies it. */
  async function sealedBeyond(blocks: number): Promise<LedgerVerification> {
    const found = await until('everything to be sealed', verified, {
      deadlineMs,
      holds: ({ head }) => (head?.block ?? 0) > blocks,
    });
    expect(found).toMatchObject({ ok: true, firstBad: null });
    return found;
  }

  async function diedAt(point: Failpoint, live: () => Promise<void>): Promise<void> {
    system.failpoints.arm(point);
    await live();
    const hits = (): number => system.failpoints.hits(point).length;
    expect(await until(`a death at ${point}`, hits, { deadlineMs })).toBe(1);
    system.failpoints.disarm(point);
  }

  it('F1 R-EVO-1 K20 a block that was not committed is sealed again, with all of its batches', async () => {
    await diedAt('block-sealed', sell);
    const { facts } = await sealedBeyond(0);
    expect(facts).toBeGreaterThan(0);
    const unsealed = await stage.query(
      `SELECT 1 FROM settlement_calculator.journal_batch WHERE shop_id = $1 AND block IS NULL`,
      [shop.shopId],
    );
    expect(unsealed).toEqual([]);
  });

  it('F1 R-EVO-1 K20 a head that was said has its file, also where the sealer died before writing it', async () => {
    const before = (await verified()).head?.block ?? 0;
    await diedAt('head-committed', async () => {
      await stage.gateway.moveClock(later(await stage.gateway.now(), span.days(1)));
      await sell();
    });
    await sealedBeyond(before);
    const [head] = await stage.query<{ day: string }>(
      `SELECT day::text AS day FROM settlement_calculator.ledger_head
        WHERE shop_id = $1 ORDER BY block DESC LIMIT 1`,
      [shop.shopId],
    );
    const file = path.join(system.dataDir, 'ledger-heads', shop.shopId, `${head?.day}.json`);
    expect(await until(`the file of ${head?.day}`, () => existsSync(file), { deadlineMs })).toBe(
      true,
    );
    expect(await verified()).toMatchObject({ ok: true, firstBad: null });
  });
});
