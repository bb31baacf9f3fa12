import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DueDays } from '@qingfen/contracts';
import { StatusBoard, type ServiceAnswer } from '@qingfen/hosting';
import { createLogger, WorkCounter } from '@qingfen/telemetry';
import { CredentialStore } from './credential.store.js';
import { makeMerchant } from './alipay-merchant.js';
import { ForecastController } from './forecast.controller.js';
import { ForecastService } from './forecast.service.js';
import { ForecastWorker } from './forecast.worker.js';
import { Merchants } from './merchants.js';
import { PayoutHouse } from './payout-house.fixture.js';
import { until } from './sandbox.fixture.js';

let house: PayoutHouse;
let forecasts: ForecastService;
/** What settlement-calculator answers, by shop; absent: it is down. */
const due = new Map<string, DueDays['days']>();

beforeAll(async () => {
  house = await PayoutHouse.open();
  const { database, units, cipher, sandboxUrl } = house;
  const gateway = `${sandboxUrl}/gateway.do`;
  const place = { gateway, timeoutMs: 1_000, turnComes: () => Promise.resolve(true) };
  const merchants = new Merchants(database, new CredentialStore(cipher), (given) =>
    makeMerchant(given, place),
  );
  const client = {
    request: <T>({ path }: { path: string }): Promise<ServiceAnswer<T>> => {
      const days = due.get(path.split('/')[3] ?? '');
      const status = days === undefined ? 503 : 200;
      return Promise.resolve({ status, body: { days } as T, headers: new Headers() });
    },
  };
  const logger = createLogger({ service: 'payout', level: 'fatal' });
  forecasts = new ForecastService(database, units, merchants, client, logger);
}, 60_000);

afterAll(() => house.close());

const thirty = (amounts: Record<string, string>): DueDays['days'] =>
  Array.from({ length: 30 }, (_, index) => {
    const day = new Date(Date.UTC(2026, 0, 5 + index)).toISOString().slice(0, 10);
    return { day, due: amounts[day] ?? '0.00' };
  });

const alertOf = async (shopId: string): Promise<string | undefined> => {
  const rows = await house.sql<{ state: string }>(
    `SELECT state FROM alert WHERE shop_id = $1 AND class = 'forecast-short'`,
    [shopId],
  );
  return rows[0]?.state;
};

describe('the forecast', () => {
  it('R-FOR-1 sets what falls due against the balance, after what is under way', async () => {
    const { shopId, key } = await house.scene('100.00');
    due.set(shopId, thirty({ '2026-01-05': '30.00', '2026-01-08': '60.00' }));
    await house.request(house.instruction(key())); // nobody sends here: it stays open
    const { days, ...rest } = await new ForecastController(
      house.database,
      house.clock,
      forecasts,
    ).read(shopId);
    expect(rest).toEqual({
      currency: 'CNY',
      asOf: '2026-01-05T02:00:00+08:00',
      balance: '100.00',
      open: '12.30',
      shortOn: '2026-01-08',
      missing: '2.30',
    });
    expect(days).toHaveLength(30);
    expect(days.slice(0, 4)).toEqual([
      { day: '2026-01-05', due: '30.00', left: '57.70' },
      { day: '2026-01-06', due: '0.00', left: '57.70' },
      { day: '2026-01-07', due: '0.00', left: '57.70' },
      { day: '2026-01-08', due: '60.00', left: '-2.30' },
    ]);
  });

  it('R-FOR-1 R-RSK-2 tells before the account falls short, once, and ends it by itself', async () => {
    const { shopId, appId } = await house.scene('50.00');
    due.set(shopId, thirty({ '2026-01-20': '50.01' }));
    await forecasts.tell(shopId);
    await forecasts.tell(shopId);
    const said = (await house.saidOn('alert-raised')).filter((alert) => alert['shopId'] === shopId);
    expect(said).toEqual([
      expect.objectContaining({
        class: 'forecast-short',
        state: 'raised',
        message: expect.stringContaining('2026-01-20 on: 0.01 CNY'),
      }),
    ]);
    await house.sandbox.move(appId, { amount: '0.01', type: 'top-up' });
    await forecasts.tell(shopId);
    expect(await alertOf(shopId)).toBe('resolved');
  });

  it('R-FOR-1 keeps what was told of an account that Alipay does not tell of', async () => {
    const { shopId, appId } = await house.scene('1.00');
    due.set(shopId, thirty({ '2026-01-20': '5.00' }));
    await forecasts.tell(shopId);
    const api = 'alipay.fund.account.query';
    await house.sandbox.addFault({ api, fault: 'system-error', match: { appId }, times: 1 });
    await forecasts.tell(shopId);
    expect(await alertOf(shopId)).toBe('raised');
  });

  it('R-FOR-1 R-OPS-2 keeps the last word on each day before it begins, for the brake', async () => {
    const { shopId } = await house.scene();
    const kept = (): Promise<{ day: string; due: bigint }[]> =>
      house.sql(
        `SELECT day::text, due_minor AS due FROM foreseen_day
          WHERE shop_id = $1 AND due_minor > 0 ORDER BY day`,
        [shopId],
      );
    due.set(shopId, thirty({ '2026-01-05': '9.00', '2026-01-06': '3.00' }));
    await forecasts.tell(shopId);
    expect(await kept()).toEqual([{ day: '2026-01-06', due: 300n }]);
    due.set(shopId, thirty({ '2026-01-06': '8.00', '2026-01-07': '4.00' }).slice(1));
    await forecasts.tell(shopId); // as on the 6th: it has begun
    expect(await kept()).toEqual([
      { day: '2026-01-06', due: 300n },
      { day: '2026-01-07', due: 400n },
    ]);
  });

  it('R-FOR-1 is made for every shop in turn, later where something is down, and not where it is off', async () => {
    const [one, other] = [await house.scene('1.00'), await house.scene('1.00')];
    due.set(one.shopId, thirty({ '2026-01-20': '5.00' }));
    const board = new StatusBoard();
    const worker = (hours: string): ForecastWorker =>
      new ForecastWorker(
        {
          environment: 'local-sandbox',
          setting: () => hours,
          count: () => Number(hours),
        },
        house.database,
        house.clock,
        forecasts,
        new WorkCounter(),
        board,
        createLogger({ service: 'payout', level: 'fatal' }),
      );
    worker('none').onApplicationBootstrap();
    const working = worker('6');
    working.onApplicationBootstrap();
    const comes = (shopId: string, state: string | undefined): Promise<unknown> =>
      until(`forecast-short of ${shopId} is ${state}`, () => alertOf(shopId), {
        deadlineMs: 20_000,
        holds: (seen) => seen === state,
      });
    try {
      await comes(one.shopId, 'raised');
      expect(await alertOf(other.shopId)).toBeUndefined();
      due.set(other.shopId, thirty({ '2026-01-20': '5.00' }));
      await comes(other.shopId, 'raised');
      due.set(one.shopId, thirty({}));
      house.move(house.later(6 * 60));
      await comes(one.shopId, 'resolved');
    } finally {
      await working.beforeApplicationShutdown();
    }
  }, 60_000);
});
