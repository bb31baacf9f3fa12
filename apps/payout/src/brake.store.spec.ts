import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Risk } from '@qingfen/contracts';
import { PayoutHouse, userCalled, type Scene } from './payout-house.fixture.js';
import { RiskBook } from './risk-book.js';
import { RiskController } from './risk.controller.js';

let house: PayoutHouse;
let risks: RiskController;

beforeAll(async () => {
  house = await PayoutHouse.open();
  const book = new RiskBook({ environment: 'local-sandbox' });
  risks = new RiskController(house.database, house.units, book, house.wake);
  await house.startWorker();
}, 60_000);

afterAll(async () => {
  await house.close();
});

const off: Risk['brake'] = { failures: null, total: null, balanceMin: null };

async function braked(scene: Scene, change: Partial<Risk['brake']>): Promise<void> {
  await risks.put(scene.shopId, { brake: { ...off, ...change } }, userCalled('ada'));
}

const stopOf = (shopId: string): ReturnType<typeof house.stops.readOne> =>
  house.stops.readOne(shopId);

const lift = (shopId: string): Promise<unknown> =>
  house.stops.setOne(shopId, { stopped: false, reason: 'looked' }, userCalled('operator'));

async function alertOf(shopId: string): Promise<string | undefined> {
  const rows = await house.sql<{ state: string }>(
    `SELECT state FROM alert WHERE shop_id = $1 AND class = 'payout-brake'`,
    [shopId],
  );
  return rows[0]?.state;
}

const sentTo = (scene: Scene): Promise<number> =>
  house.sandbox.transfers(scene.appId).then((moved) => moved.length);

describe('the brake', () => {
  it('R-OPS-2 R-RSK-2 stops a shop of which too much fails, and nothing is sent until a human lets it go on', async () => {
    const scene = await house.scene();
    const { shopId, key } = scene;
    await braked(scene, { failures: { percent: 50, of: 8 } });
    const gone = await house.payee(shopId, 'd-gone');
    await house.sandbox.putAccount(gone, { status: 'missing' });
    const bad = ['b1', 'b2', 'b3', 'b4'];
    const lost = bad.map((name) => house.instruction(key(name), { payeeId: 'd-gone' }));
    await house.request(...lost);
    for (const name of bad) await house.reaches(key(name), 'failed');
    const good = Array.from({ length: 20 }, (_, index) => `g${index}`);
    await house.request(...good.map((name) => house.instruction(key(name))));
    for (const name of good) await house.reaches(key(name), 'waiting:stop');
    expect(await sentTo(scene)).toBe(0);
    expect(await stopOf(shopId)).toMatchObject({
      stopped: true,
      by: 'payout',
      reason: 'brake: 4 of the last 4 payouts failed',
    });
    expect(await alertOf(shopId)).toBe('raised');
    house.move(house.later(48 * 60)); // no time lifts it
    await house.request(house.instruction(key('late')));
    await house.reaches(key('late'), 'waiting:stop');
    expect(await sentTo(scene)).toBe(0);
    await lift(shopId);
    for (const name of [...good, 'late']) await house.reaches(key(name), 'succeeded');
    expect(await sentTo(scene)).toBe(21);
    expect(await stopOf(shopId)).toMatchObject({ stopped: false, by: 'operator' });
    expect(await alertOf(shopId)).toBe('resolved');
  }, 60_000);

  it('R-OPS-2 counts failures anew once somebody has let it go on', async () => {
    const scene = await house.scene();
    const { shopId, identity, key } = scene;
    await braked(scene, { failures: { percent: 100, of: 2 } });
    await house.sandbox.putAccount(identity, { status: 'missing' });
    for (const name of ['1', '2']) {
      await house.request(house.instruction(key(name)));
      await house.reaches(key(name), 'failed');
    }
    await house.request(house.instruction(key('3')));
    await house.reaches(key('3'), 'waiting:stop');
    await house.sandbox.putAccount(identity, { status: 'normal' });
    await lift(shopId);
    await house.reaches(key('3'), 'succeeded');
  }, 60_000);

  it('R-OPS-2 R-FOR-1 stops before anything is sent when a day asks for more than was foreseen', async () => {
    const scene = await house.scene();
    const { shopId, key } = scene;
    await braked(scene, { total: { percent: 200, from: '20.00' } });
    await house.sql(
      `INSERT INTO foreseen_day (shop_id, day, due_minor, told_at)
       VALUES ($1, ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date, 1230, $2)`,
      [shopId, house.clock.now()],
    );
    await house.request(house.instruction(key('1')));
    await house.reaches(key('1'), 'succeeded'); // as foreseen
    await house.request(house.instruction(key('2'), { amount: '12.31' }));
    await house.reaches(key('2'), 'waiting:stop');
    expect((await stopOf(shopId)).reason).toBe(
      'brake: 24.61 CNY are to be paid today, 12.30 were foreseen',
    );
    expect(await sentTo(scene)).toBe(1);
    await lift(shopId);
    await house.reaches(key('2'), 'succeeded');
    await house.request(house.instruction(key('3'))); // what was let pass today is let pass
    await house.reaches(key('3'), 'succeeded');
  }, 60_000);

  it('R-OPS-2 R-FOR-1 stops when the account holds less than the shop wants it to', async () => {
    const scene = await house.scene('99.99');
    const { shopId, key } = scene;
    await braked(scene, { balanceMin: '100.00' });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'waiting:stop');
    expect(await stopOf(shopId)).toMatchObject({
      stopped: true,
      reason: 'brake: the Alipay account holds 99.99 CNY, less than 100.00',
    });
    expect(await sentTo(scene)).toBe(0);
    await lift(shopId);
    await house.reaches(key(), 'succeeded');
  }, 60_000);

  it('R-OPS-2 stops the one shop, and leaves a stop of a human as it is', async () => {
    const [calm, wild] = [await house.scene(), await house.scene('1.00')];
    await braked(wild, { balanceMin: '5.00' });
    await house.request(house.instruction(wild.key()));
    await house.reaches(wild.key(), 'waiting:stop');
    await house.request(house.instruction(calm.key()));
    await house.reaches(calm.key(), 'succeeded');
    const again = { stopped: true, reason: 'by hand' };
    await house.stops.setOne(wild.shopId, again, userCalled('operator'));
    await house.request(house.instruction(wild.key('2')));
    await house.reaches(wild.key('2'), 'waiting:stop');
    expect(await stopOf(wild.shopId)).toMatchObject({ reason: 'by hand', by: 'operator' });
    const audited = await house.sql<{ actor: string }>(
      `SELECT actor FROM audit WHERE shop_id = $1 AND action = 'payouts.stop' ORDER BY audit_id`,
      [wild.shopId],
    );
    expect(audited.map(({ actor }) => actor)).toEqual(['payout', 'operator']);
  }, 60_000);
});
