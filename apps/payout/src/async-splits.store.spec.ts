import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, type Scene } from './payout-house.fixture.js';
import { until } from './sandbox.fixture.js';
import { line, moved, pay, sceneWithTrade, split, splitBy } from './split-scene.fixture.js';
import { hearForms } from './told-forms.fixture.js';

const settle = 'alipay.trade.order.settle';
const deadlineMs = 20_000;

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker();
}, 60_000);

afterAll(() => house.close());

/** What Alipay was sent for a payout, as it is stored. */
async function requestOf({ key }: Scene, name = 'a'): Promise<string> {
  const { shopId, payoutId } = key(name);
  const [row] = await house.sql<{ request: string }>(
    'SELECT request FROM stored_request WHERE shop_id = $1 AND payout_id = $2',
    [shopId, payoutId],
  );
  return house.cipher.decrypt(row?.request ?? '', `${shopId}/payout/${payoutId}/request`);
}

async function queriesOf({ key }: Scene): Promise<number> {
  const requests = await house.sandbox.requests(outBizNoOf(key()));
  return requests.filter(({ method }) => method === `${settle}.query`).length;
}

describe('a split in the mode async', () => {
  it('R-ALI-3 O4 is paid when its leg has ended, and once', async () => {
    const scene = await sceneWithTrade(house, { royaltyAsync: true });
    const match = { appId: scene.appId };
    await house.sandbox.addFault({ api: settle, fault: 'processing', match, afterQueries: 2 });
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    expect(await house.movesOf(scene.key())).toContain('sending → unknown');
    expect(await moved(house, scene)).toEqual([line(scene)]);
    expect(await requestOf(scene)).toContain('\\"royalty_mode\\":\\"async\\"');
  }, 60_000);

  it('R-ALI-3 F19 fails by its leg alone when its payee can be paid no more', async () => {
    const scene = await sceneWithTrade(house, { royaltyAsync: true });
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded'); // so its payee is bound
    await house.sandbox.putAccount(scene.identity, { status: 'frozen' });
    await house.request(split(house, scene, 'b', '7.70'));
    await house.reaches(scene.key('b'), 'failed');
    const said = await house.saidOn('payout-result');
    expect(
      said.filter(({ payoutId, shopId }) => shopId === scene.shopId && payoutId === 'po_b'),
    ).toMatchObject([{ status: 'failed', payeeFault: true }]);
    expect(await moved(house, scene)).toEqual([line(scene)]);
  }, 60_000);

  it('R-ALI-5 R-ALI-3 is asked about when Alipay tells of it, and decided by the answer', async () => {
    const told = await hearForms();
    const scene = await sceneWithTrade(house, { royaltyAsync: true });
    const { shopId, appId, key } = scene;
    await house.sandbox.putMerchant(appId, { notifyUrl: told.url });
    await house.request(split(house, scene));
    await house.reaches(key(), 'succeeded');
    const [form] = await until('Alipay tells of it', () => Promise.resolve(told.forms), {
      deadlineMs,
      holds: (forms) => forms.length > 0,
    });
    const before = await queriesOf(scene);
    expect(
      await house.notifications.take({ notifications: [{ shopId, form: form ?? {} }] }),
    ).toEqual({ stored: [true] });
    await until('Alipay is asked once more', () => queriesOf(scene), {
      deadlineMs,
      holds: (count) => count === before + 1,
    });
    const verdicts = 'SELECT method, verdict, out_biz_no FROM notification WHERE shop_id = $1';
    expect(await house.sql(verdicts, [shopId])).toEqual([
      { method: `${settle}.notify`, verdict: 'asked', out_biz_no: outBizNoOf(key()) },
    ]);
    expect(await house.stateOf(key())).toBe('succeeded');
    told.close();
  }, 60_000);

  it('R-ALI-3 is one of a trade that was never split otherwise: one trade knows one mode', async () => {
    const scene = await sceneWithTrade(house);
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    await splitBy(house, scene, { royaltyAsync: true });
    const later = { ...scene, tradeNo: await pay(house, scene) };
    await house.request(split(house, scene, 'b', '7.70'), split(house, later, 'c', '5.00'));
    for (const name of ['b', 'c']) await house.reaches(scene.key(name), 'succeeded');
    expect(await requestOf(scene, 'b')).toContain('\\"royalty_mode\\":\\"sync\\"');
    expect(await requestOf(scene, 'c')).toContain('\\"royalty_mode\\":\\"async\\"');
  }, 60_000);

  it('R-ALI-3 of a trade is ended in the same mode', async () => {
    const scene = await sceneWithTrade(house, { royaltyFreeze: true, royaltyAsync: true });
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    house.move(house.later(11));
    await until('the trade is finished', () => house.sandbox.trades(scene.appId), {
      deadlineMs,
      holds: ([trade]) => (trade as { finished?: boolean } | undefined)?.finished === true,
    });
    expect(await moved(house, scene)).toEqual([line(scene)]);
  }, 60_000);
});
