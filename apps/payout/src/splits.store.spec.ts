import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAlipay } from '@qingfen/alipay';
import { buildRefundRequest, sendRefund } from '@qingfen/alipay-royalty';
import type { AlipayCredentials } from '@qingfen/contracts';
import { minor } from '@qingfen/money';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled, type Scene } from './payout-house.fixture.js';
import { until } from './sandbox.fixture.js';
import { line, moved, sceneWithTrade, split, type TradeScene } from './split-scene.fixture.js';

const settle = 'alipay.trade.order.settle';
const bind = 'alipay.trade.royalty.relation.bind';
const deadlineMs = 20_000;

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker();
}, 60_000);

afterAll(async () => {
  await house.close();
});

async function resultsOf({ shopId }: Scene): Promise<Record<string, unknown>[]> {
  return (await house.saidOn('payout-result')).filter((said) => said['shopId'] === shopId);
}

describe('a split', () => {
  it('R-ALI-3 O4 binds its payee, splits the trade once, and asks what became of it', async () => {
    const scene = await sceneWithTrade(house);
    const { key } = scene;
    await house.request(split(house, scene), split(house, scene, 'b', '7.70'));
    for (const name of ['a', 'b']) await house.reaches(key(name), 'succeeded');
    expect(await moved(house, scene)).toEqual([line(scene), line(scene, 'b', '7.70')].sort());
    expect(await house.movesOf(key())).toEqual(['requested → sending', 'sending → succeeded']);
    const results = await resultsOf(scene);
    expect(
      results.map(({ status, amount }) => `${String(status)} ${String(amount)}`).sort(),
    ).toEqual(['succeeded 12.30', 'succeeded 7.70']);
    expect(results[0]).not.toHaveProperty('returnedAmount');
  }, 60_000);

  const faults = ['timeout-after', 'drop-connection', 'bad-signature', 'truncated'] as const;
  it.each(faults)(
    'R-ALI-3 F16 O4 moves once though the answer is lost: %s',
    async (fault) => {
      const scene = await sceneWithTrade(house);
      await house.sandbox.addFault({ api: settle, fault, match: { appId: scene.appId }, times: 1 });
      await house.request(split(house, scene));
      await house.reaches(scene.key(), 'succeeded');
      expect(await moved(house, scene)).toEqual([line(scene)]);
    },
    60_000,
  );

  it('R-ALI-3 R-FAI-1 goes out again, the same, when Alipay twice has not heard of it', async () => {
    const scene = await sceneWithTrade(house);
    const { shopId, appId, key } = scene;
    const match = { appId };
    await house.sandbox.addFault({ api: settle, fault: 'timeout-before', match, times: 1 });
    await house.request(split(house, scene));
    await house.reaches(key(), 'unknown');
    const asked = 'SELECT 1 FROM payout WHERE shop_id = $1 AND ask_at IS NOT NULL';
    await until('it is asked on business time', () => house.sql(asked, [shopId]), {
      deadlineMs,
      holds: (rows) => rows.length === 1,
    });
    house.move(house.later(11));
    await house.reaches(key(), 'succeeded');
    expect(await moved(house, scene)).toEqual([line(scene)]);
    const requests = await house.sandbox.requests(outBizNoOf(key()));
    const sent = requests.filter(({ method }) => method === settle);
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ bizContentSha256 }) => bizContentSha256)).size).toBe(1);
  }, 60_000);

  it('R-ALI-3 waits for a leg that Alipay is still about', async () => {
    const scene = await sceneWithTrade(house);
    const match = { appId: scene.appId };
    await house.sandbox.addFault({ api: settle, fault: 'processing', match, afterQueries: 2 });
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    expect(await house.movesOf(scene.key())).toContain('sending → unknown');
    expect(await moved(house, scene)).toEqual([line(scene)]);
  }, 60_000);

  it('R-ALI-3 F19 fails above the cap, moves nothing, and is no fault of the payee', async () => {
    const scene = await sceneWithTrade(house, { amount: '40.00' }); // 30 % of it are 12.00
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'failed');
    expect(await moved(house, scene)).toEqual([]);
    expect(await resultsOf(scene)).toMatchObject([
      {
        status: 'failed',
        payeeFault: false,
        failure: { subCode: 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR' },
      },
    ]);
  }, 60_000);

  it('R-ALI-3 F19 fails for a payee that cannot be bound, and sends no split', async () => {
    const scene = await sceneWithTrade(house);
    await house.sandbox.putAccount(scene.identity, { status: 'missing' });
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'failed');
    const requests = await house.sandbox.requests(outBizNoOf(scene.key()));
    expect(requests.filter(({ method }) => method === settle)).toEqual([]);
    expect(await resultsOf(scene)).toMatchObject([{ status: 'failed', payeeFault: true }]);
  }, 60_000);

  it('R-ALI-3 sends nothing until its payee is bound for sure', async () => {
    const scene = await sceneWithTrade(house);
    const match = { appId: scene.appId };
    await house.sandbox.addFault({ api: bind, fault: 'timeout-before', match, times: 1 });
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    expect(await moved(house, scene)).toEqual([line(scene)]);
    expect(await house.movesOf(scene.key())).not.toContain('sending → unknown');
  }, 60_000);

  it('R-ALI-3 takes a turn of its own to bind its payee, and is not sent while none comes', async () => {
    const scene = await sceneWithTrade(house);
    house.turns.push(false);
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    expect(house.turns).toEqual([]);
    const requests = await house.sandbox.requests(outBizNoOf(scene.key()));
    expect(requests.filter(({ method }) => method === settle)).toHaveLength(1);
    expect(await moved(house, scene)).toEqual([line(scene)]);
    const [row] = await house.sql<{ attempts: number }>(
      'SELECT attempts FROM payout WHERE shop_id = $1',
      [scene.shopId],
    );
    expect(row?.attempts).toBe(2);
  }, 60_000);

  it('R-ALI-3 of no trade, of several or of another amount goes nowhere by itself', async () => {
    const scene = await sceneWithTrade(house);
    const { key, tradeNo } = scene;
    const leg = { orderId: 'o', alipayTradeNo: tradeNo, amount: '12.30' };
    const bad = { none: [], several: [leg, leg], other: [{ ...leg, amount: '1.00' }] };
    for (const [name, legs] of Object.entries(bad)) {
      await house.request(house.instruction(key(name), { payVia: 'royalty', legs }));
      await house.reaches(key(name), 'review');
    }
    expect(await moved(house, scene)).toEqual([]);
  }, 60_000);

  it('R-OPS-2 R-ALI-3 is not sent while a stop is set', async () => {
    const scene = await sceneWithTrade(house);
    const stop = { stopped: true, reason: 'look' };
    await house.stops.setOne(scene.shopId, stop, userCalled('max'));
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'waiting:stop');
    expect(await moved(house, scene)).toEqual([]);
  }, 60_000);

  it('R-ALI-3 is capped as Alipay says, who is asked for the shop', async () => {
    const scene = await house.scene();
    expect(await house.credentials.royaltyCap(scene.shopId)).toEqual({ percent: 30 });
    await house.sandbox.putMerchant(scene.appId, { royaltyRatio: 80 });
    expect(await house.credentials.royaltyCap(scene.shopId)).toEqual({ percent: 80 });
  }, 60_000);
});

describe('a trade that was split', () => {
  const statesOf = (shopId: string): Promise<{ state: string; reason: string | null }[]> =>
    house.sql('SELECT state, reason FROM trade_finish WHERE shop_id = $1', [shopId]);

  async function becomes({ shopId }: TradeScene, state: string): Promise<void> {
    await until(`the trade is ${state}`, () => statesOf(shopId), {
      deadlineMs,
      holds: ([row]) => row?.state === state,
    });
  }

  it('R-ALI-3 O4 is finished when nothing of its orders is open, once, though the answer is lost', async () => {
    const scene = await sceneWithTrade(house, { royaltyFreeze: true });
    const { appId, key, tradeNo } = scene;
    house.others.openTrades.add(tradeNo);
    await house.request(split(house, scene));
    await house.reaches(key(), 'succeeded');
    house.move(house.later(11));
    await until(
      'it is looked at',
      () => house.sql('SELECT tries FROM trade_finish WHERE shop_id = $1', [scene.shopId]),
      {
        deadlineMs,
        holds: ([row]) => (row as { tries: number }).tries === 1,
      },
    );
    expect(await statesOf(scene.shopId)).toEqual([{ state: 'open', reason: null }]);
    house.others.openTrades.delete(tradeNo);
    await house.sandbox.addFault({
      api: settle,
      fault: 'timeout-after',
      match: { appId },
      times: 1,
    });
    house.move(house.later(61));
    await becomes(scene, 'sent');
    house.move(house.later(7 * 60));
    await becomes(scene, 'finished');
    expect(await house.sandbox.trades(appId)).toMatchObject([{ finished: true, frozen: '0.00' }]);
    expect(await moved(house, scene)).toEqual([line(scene)]);
  }, 60_000);

  it('R-ALI-3 of which nothing is frozen is left alone', async () => {
    const scene = await sceneWithTrade(house);
    await house.request(split(house, scene));
    await house.reaches(scene.key(), 'succeeded');
    house.move(house.later(11));
    await becomes(scene, 'ended');
    expect(await statesOf(scene.shopId)).toEqual([
      { state: 'ended', reason: 'nothing of it is frozen' },
    ]);
    expect(await house.sandbox.trades(scene.appId)).toMatchObject([{ finished: false }]);
  }, 60_000);
});

describe('a split of a refunded order', () => {
  /** The shop refunds the buyer at Alipay, which takes so much back from the payee first. */
  async function refund(
    { appId, identity, tradeNo }: TradeScene,
    outRequestNo: string,
    { amount, back }: { readonly amount: bigint; readonly back: bigint },
  ): Promise<void> {
    const { alipay }: { alipay: AlipayCredentials } = await house.sandbox.putMerchant(appId, {});
    const place = { gateway: `${house.sandboxUrl}/gateway.do`, timeoutMs: 5_000 };
    const payee = { identityType: 'ALIPAY_LOGON_ID', identity, name: '张三' } as const;
    const stored = buildRefundRequest({
      appId,
      tradeNo,
      outRequestNo,
      currency: 'CNY',
      amountMinor: minor(amount),
      reason: '退货',
      shares: [{ payee, amountMinor: minor(back) }],
    });
    const outcome = await sendRefund(stored, connectAlipay({ ...alipay, ...place }));
    expect(outcome.kind).toBe('accepted');
  }

  async function told({ shopId, tradeNo }: TradeScene): Promise<void> {
    const refundedAt = house.clock.now().toISOString();
    const items = [{ itemId: 'i', amount: '1.00' }];
    const facts = [{ shopId, orderId: `o-${tradeNo}`, refundId: 'r', refundedAt, items }];
    await house.told('order-refunded', facts, null);
  }

  it('R-ALI-3 R-REF-3 tells what came back, part by part, and ends returned', async () => {
    const scene = await sceneWithTrade(house);
    const { key } = scene;
    await house.request(split(house, scene));
    await house.reaches(key(), 'succeeded');
    await told(scene); // nothing has come back
    await refund(scene, 'R1', { amount: 4000n, back: 500n });
    await told(scene);
    await until('a part to be told', () => resultsOf(scene), {
      deadlineMs,
      holds: (said) => said.length === 2,
    });
    await refund(scene, 'R2', { amount: 6000n, back: 730n });
    await told(scene);
    await house.reaches(key(), 'returned');
    const results = await resultsOf(scene);
    expect(results.map(({ status, seq, returnedAmount }) => [status, seq, returnedAmount])).toEqual(
      [
        ['succeeded', 2, undefined],
        ['succeeded', 3, '5.00'],
        ['returned', 4, '12.30'],
      ],
    );
  }, 60_000);
});
