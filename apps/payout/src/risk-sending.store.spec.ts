import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RiskBody } from '@qingfen/contracts';
import { PayoutHouse, userCalled, type Scene } from './payout-house.fixture.js';
import { RiskBook } from './risk-book.js';
import { RiskController } from './risk.controller.js';
import { until } from './sandbox.fixture.js';

let house: PayoutHouse;
let risks: RiskController;

beforeAll(async () => {
  house = await PayoutHouse.open();
  const book = new RiskBook({ environment: 'local-sandbox' });
  risks = new RiskController(house.database, house.units, book, house.wake);
  // Two senders, as two replicas have them.
  await house.startWorker();
  await house.startWorker();
}, 60_000);

afterAll(() => house.close());

const limit = (shopId: string, body: RiskBody) => risks.put(shopId, body, userCalled('ada'));

const act = (scene: Scene, what: 'approve' | 'reject' | 'cancel', by: string, hash?: string) =>
  house.payouts.act({
    key: scene.key(),
    act: what,
    caller: userCalled(by),
    reason: 'looked at',
    believedHash: hash ?? null,
  });

async function reasonOf(scene: Scene): Promise<string | null> {
  return (await house.payouts.find(scene.key())).payout.reason;
}

/** How many payouts of a shop are in each state. */
async function counted(shopId: string): Promise<Record<string, number>> {
  const rows = await house.sql<{ state: string; count: number }>(
    'SELECT state, count(*)::integer AS count FROM payout WHERE shop_id = $1 GROUP BY state',
    [shopId],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

async function comesTo(shopId: string, states: Record<string, number>): Promise<void> {
  await until(`payouts of ${shopId}`, () => counted(shopId), {
    deadlineMs: 20_000,
    holds: (seen) => JSON.stringify(seen, Object.keys(states)) === JSON.stringify(states),
  });
  expect(await counted(shopId)).toEqual(states);
}

async function alertsOf(shopId: string, alertClass: string): Promise<string[]> {
  const said = await house.saidOn('alert-raised');
  return said
    .filter((alert) => alert['shopId'] === shopId && alert['class'] === alertClass)
    .map((alert) => String(alert['state']));
}

function many(shopId: string, payeeIds: readonly string[]) {
  return payeeIds.map((payeeId, index) =>
    house.instruction({ shopId, payoutId: `po_${index}` }, { payeeId }),
  );
}

describe('limits and lists before every send', () => {
  it('R-RSK-1 R-RSK-2 R-SEC-4 a payout above the limit of one is sent when somebody else approves it', async () => {
    const scene = await house.scene();
    await limit(scene.shopId, { perPayout: { review: '12.29', block: null } });
    await house.request(house.instruction(scene.key(), { makers: ['max'] }));
    await house.reaches(scene.key(), 'review');
    expect(await reasonOf(scene)).toBe(
      'per-payout: 12.30 is more than 12.29, the limit of one payout',
    );
    await expect(act(scene, 'approve', 'max')).rejects.toThrow(/may not/i);
    await expect(act(scene, 'approve', 'ben', 'another hash')).rejects.toThrow(/look again/);
    expect(await house.sandbox.transfers(scene.appId)).toEqual([]);
    await act(scene, 'approve', 'ben');
    await house.reaches(scene.key(), 'succeeded');
  });

  it('R-SEC-4 what was approved is not sent to an account that was given afterwards', async () => {
    const scene = await house.scene();
    const { shopId } = scene;
    await limit(shopId, { perPayout: { review: '12.29', block: null } });
    await house.request(house.instruction(scene.key()));
    await house.reaches(scene.key(), 'review');
    const caller = userCalled('ada');
    await house.stops.setOne(shopId, { stopped: true, reason: 'wait' }, caller);
    await act(scene, 'approve', 'ben');
    await house.reaches(scene.key(), 'waiting:stop');
    const alipay = { identityType: 'ALIPAY_LOGON_ID', identity: 'eve@example.com', name: '张三' };
    const body = { name: 'd-1', roles: ['distributor'], alipay } as const;
    const payee = {
      ...body,
      roles: [...body.roles],
      alipay: { ...alipay, identityType: 'ALIPAY_LOGON_ID' as const },
    };
    await house.payees.put({ shopId, payeeId: 'd-1' }, payee, userCalled('eve'));
    await house.stops.setOne(shopId, { stopped: false, reason: 'go on' }, caller);
    await house.reaches(scene.key(), 'review');
    // Eve, who gave the account, is no one to approve it.
    await expect(act(scene, 'approve', 'eve')).rejects.toThrow(/may not/i);
    expect(await house.sandbox.transfers(scene.appId)).toEqual([]);
  });

  it('R-SEC-4 an approval counts for three days', async () => {
    const scene = await house.scene();
    const { shopId } = scene;
    const caller = userCalled('ada');
    await limit(shopId, { perPayout: { review: '12.29', block: null } });
    await house.request(house.instruction(scene.key()));
    await house.reaches(scene.key(), 'review');
    await house.stops.setOne(shopId, { stopped: true, reason: 'wait' }, caller);
    await act(scene, 'approve', 'ben');
    await house.reaches(scene.key(), 'waiting:stop');
    house.move(house.later(72 * 60));
    await house.stops.setOne(shopId, { stopped: false, reason: 'go on' }, caller);
    await house.reaches(scene.key(), 'review');
  });

  it('R-RSK-3 who is blocked is not paid until the block ends, and then by itself', async () => {
    const scene = await house.scene();
    const until = house.later(60).toISOString();
    const entry = { payeeId: 'd-1', reason: 'asked by the police', until };
    await limit(scene.shopId, { block: [entry] });
    await house.request(house.instruction(scene.key()));
    await house.reaches(scene.key(), 'blocked');
    expect(await reasonOf(scene)).toBe(
      'block-list: the payee is on the block list: asked by the police',
    );
    expect(await alertsOf(scene.shopId, 'payout-blocked')).toEqual(['raised']);
    house.move(house.later(59));
    await house.reaches(scene.key(), 'blocked');
    house.move(house.later(1));
    await house.reaches(scene.key(), 'succeeded');
    expect(await alertsOf(scene.shopId, 'payout-blocked')).toEqual(['raised', 'resolved']);
  });

  it('R-RSK-3 who is taken from the block list is paid at once; what is blocked can be cancelled', async () => {
    const [scene, other] = [await house.scene(), await house.scene()];
    for (const { shopId, key } of [scene, other]) {
      await limit(shopId, { block: [{ payeeId: 'd-1', reason: 'fraud', until: null }] });
      await house.request(house.instruction(key()));
      await house.reaches(key(), 'blocked');
    }
    await limit(scene.shopId, { block: [] });
    await house.reaches(scene.key(), 'succeeded');
    await act(other, 'cancel', 'ben');
    await house.reaches(other.key(), 'cancelled');
    expect(await house.sandbox.transfers(other.appId)).toEqual([]);
  });

  it('R-RSK-1 a shop’s day is never overfilled, by two senders either, and goes on at its midnight', async () => {
    const { shopId, appId } = await house.scene();
    await limit(shopId, { shopDaily: '61.49' });
    const payeeIds = Array.from({ length: 12 }, (_, index) => `p-${index}`);
    for (const payeeId of payeeIds) await house.payee(shopId, payeeId);
    await house.request(...many(shopId, payeeIds));
    await comesTo(shopId, { succeeded: 4, waiting: 8 });
    expect(await alertsOf(shopId, 'payout-limit')).toContain('raised');
    house.move(new Date(midnightAfter(house.clock.now()).getTime() - 1));
    await comesTo(shopId, { succeeded: 4, waiting: 8 });
    house.move(house.later(1));
    await comesTo(shopId, { succeeded: 8, waiting: 4 });
    // A limit that is raised lets go at once what fits.
    await limit(shopId, { shopDaily: '61.50' });
    await comesTo(shopId, { succeeded: 9, waiting: 3 });
    await limit(shopId, { shopDaily: null });
    await comesTo(shopId, { succeeded: 12 });
    expect((await alertsOf(shopId, 'payout-limit')).at(-1)).toBe('resolved');
    expect(await house.sandbox.transfers(appId)).toHaveLength(12);
  });

  it('R-RSK-1 a payee’s day counts what is unknown, and nobody else’s', async () => {
    const { shopId } = await house.scene();
    await limit(shopId, { payeeDaily: '24.60' });
    const identity = await house.payee(shopId, 'p-1');
    await house.payee(shopId, 'p-2');
    await house.sandbox.addFault({ fault: 'timeout-after', times: 2, match: { identity } });
    await house.request(...many(shopId, ['p-1', 'p-1', 'p-1', 'p-2']));
    await until('one waits', () => counted(shopId), {
      deadlineMs: 20_000,
      holds: ({ waiting = 0, succeeded = 0 }) => waiting === 1 && succeeded >= 1,
    });
    const rows = await house.sql<{ payeeId: string; reason: string }>(
      `SELECT payee_id AS "payeeId", reason FROM payout WHERE shop_id = $1 AND state = 'waiting'`,
      [shopId],
    );
    expect(rows).toEqual([{ payeeId: 'p-1', reason: 'limit' }]);
  });

  it('R-RSK-2 R-RSK-3 more payouts than are usual are looked at, but for those on the allow list', async () => {
    const { shopId } = await house.scene();
    await house.payee(shopId, 'p-1');
    await house.payee(shopId, 'p-2');
    const allow = [{ payeeId: 'p-2', reason: 'the landlord', until: null }];
    await limit(shopId, { frequency: { count: 2, hours: 24 }, allow });
    await house.request(...many(shopId, ['p-1', 'p-1', 'p-1', 'p-2', 'p-2', 'p-2']));
    await comesTo(shopId, { review: 1, succeeded: 5 });
  });

  it('R-RSK-1 a changed account cools off, also one that was taken away before it was changed', async () => {
    const scene = await house.scene();
    const { shopId } = scene;
    await limit(shopId, { coolingOffHours: 2 });
    await house.request(house.instruction(scene.key('first')));
    await house.reaches(scene.key('first'), 'succeeded');
    const payee = { name: 'd-1', roles: ['distributor' as const] };
    const named = { shopId, payeeId: 'd-1' };
    await house.payees.put(named, payee, userCalled('ada'));
    const identity = `new.${shopId}@example.com`;
    const alipay = { identityType: 'ALIPAY_LOGON_ID' as const, identity, name: '张三' };
    house.move(house.later(1));
    await house.payees.put(named, { ...payee, alipay }, userCalled('ada'));
    await house.request(house.instruction(scene.key()));
    await house.reaches(scene.key(), 'waiting:cooling-off');
    house.move(house.later(119));
    await house.reaches(scene.key(), 'waiting:cooling-off');
    house.move(house.later(1));
    await house.reaches(scene.key(), 'succeeded');
    expect(await house.sandbox.transfers(scene.appId)).toHaveLength(2);
  });

  it('R-RSK-2 one account of two payees is looked at, and no more when one of them gets another', async () => {
    const scene = await house.scene();
    const { shopId, identity } = scene;
    await limit(shopId, { sameAccount: 'block' });
    const named = { shopId, payeeId: 'd-2' };
    const shared = { identityType: 'ALIPAY_LOGON_ID' as const, identity, name: '张三' };
    const body = { name: 'd-2', roles: ['distributor' as const] };
    await house.payees.put(named, { ...body, alipay: shared }, userCalled('ada'));
    await house.request(house.instruction(scene.key()));
    await house.reaches(scene.key(), 'blocked');
    expect(await reasonOf(scene)).toBe('same-account: the account is also that of d-2');
    const own = { ...shared, identity: `own.${shopId}@example.com` };
    house.move(house.later(1));
    await house.payees.put(named, { ...body, alipay: own }, userCalled('ada'));
    house.wake.now();
    await house.reaches(scene.key(), 'succeeded');
  });
});

/** Of the shops here, which are in Shanghai. */
function midnightAfter(at: Date): Date {
  const dayMs = 86_400_000;
  const offsetMs = 8 * 3_600_000;
  return new Date((Math.floor((at.getTime() + offsetMs) / dayMs) + 1) * dayMs - offsetMs);
}
