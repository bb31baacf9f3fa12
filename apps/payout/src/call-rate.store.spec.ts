import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { turnComes } from './call-rate.js';
import { callRatesOf } from './call-rate-settings.js';
import { giveBack, takeTurns } from './call-rate.store.js';
import { PayoutHouse } from './payout-house.fixture.js';

let house: PayoutHouse;
beforeAll(async () => {
  house = await PayoutHouse.open();
}, 60_000);
afterAll(() => house.close());

/** Turns as instants on one clock, taken by many at once. */
async function turnsOf(
  appId: string,
  takers: number,
  each: number,
  gapMs: number,
): Promise<number[]> {
  const taken = await Promise.all(
    Array.from({ length: takers }, () =>
      house.database.transaction(async (tx) => {
        const wish = { appId, api: 'transfer', wanted: each, gapMs, horizonMs: 60_000 } as const;
        const waits = await takeTurns(tx, wish);
        const [now] = await tx.query<{ ms: number }>(
          `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
        );
        return waits.map((waitMs) => (now?.ms ?? 0) + waitMs);
      }),
    ),
  );
  return taken.flat().sort((a, b) => a - b);
}

describe('how fast Alipay is called', () => {
  it('R-FAI-1 R-OPS-5 turns that many take at once keep apart', async () => {
    const turns = await turnsOf('shared', 8, 5, 20);
    expect(turns).toHaveLength(40);
    // Told on the taker's clock a little after they were taken, so each may seem a little later.
    expect((turns.at(-1) ?? 0) - (turns[0] ?? 0)).toBeGreaterThanOrEqual(38 * 20);
  });

  it('promises none beyond the horizon, and gives back what is not used', async () => {
    const wish = { appId: 'near', api: 'query', wanted: 10, gapMs: 100, horizonMs: 250 } as const;
    await house.database.transaction(async (tx) => {
      expect(await takeTurns(tx, wish)).toEqual([0, 100, 200]);
      await giveBack(tx, wish, 2);
      const [next] = await takeTurns(tx, { ...wish, wanted: 1 });
      expect(next).toBeGreaterThan(0);
      expect(next).toBeLessThanOrEqual(100);
    });
  });

  it('R-OPS-5 a single call waits for its turn among all others, or is put off', async () => {
    const wish = { api: 'transfer', rates: { transfer: 5 }, appId: 'single' } as const;
    const startedMs = performance.now();
    for (let call = 0; call < 3; call += 1) {
      expect(await turnComes(house.database, { ...wish, horizonMs: 60_000 })).toBe(true);
    }
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(2 * 200);
    expect(await turnComes(house.database, { ...wish, horizonMs: 0 })).toBe(false);
    expect(await turnComes(house.database, { ...wish, rates: {}, horizonMs: 0 })).toBe(true);
  });

  it('R-OPS-5 is a setting; play money knows no limit', () => {
    const settings = (values: Record<string, string>) => ({
      environment: 'production' as const,
      setting: (name: string, otherwise: string) => values[name] ?? otherwise,
      count: (name: string, otherwise: number) => Number(values[name] ?? otherwise),
    });
    expect(callRatesOf(settings({}))).toEqual({ transfer: 30, query: 30 });
    expect(callRatesOf({ ...settings({}), environment: 'local-sandbox' })).toEqual({});
    const own = { ALIPAY_TRANSFERS_PER_SECOND: '500', ALIPAY_QUERIES_PER_SECOND: 'none' };
    expect(callRatesOf(settings(own))).toEqual({ transfer: 500 });
  });

  it('R-FAI-1 two senders never pass the rate together, and Alipay refuses nothing', async () => {
    const settings = { ALIPAY_TRANSFERS_PER_SECOND: '25' };
    await house.startWorker(32, settings);
    await house.startWorker(32, settings);
    const { shopId, appId } = await house.scene();
    // Less than two would make that know nothing of each other; so much above one's rate that calls which a busy
    // machine keeps back for most of a second are not too many when they come at once.
    await house.sandbox.putLimits({ perSecond: 45 });
    const facts = Array.from({ length: 60 }, (_, index) =>
      house.instruction({ shopId, payoutId: `po_${index}` }),
    );
    await house.request(...facts);
    for (const key of facts) await house.reaches(key, 'succeeded');
    const refused = await house.sql(
      `SELECT FROM payout_transition WHERE shop_id = $1 AND to_state = 'waiting'`,
      [shopId],
    );
    expect(refused).toEqual([]);
    expect(await house.sandbox.transfers(appId)).toHaveLength(60);
  });
});
