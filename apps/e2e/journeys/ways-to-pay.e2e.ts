import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAlipay } from '@qingfen/alipay';
import type { Payout } from '@qingfen/contracts';
import {
  eventMessage,
  later,
  midnight,
  orderMessage,
  type ReferencePlan,
  span,
  until,
} from '@qingfen/testing';

import { journeySystem, Stage, type TestShop } from '../src/index.js';

const deadlineMs = 60_000;

/** Half of every line for level 1 in the next run, and the rest for its supplier, in batches. */
const batchPlan: ReferencePlan = {
  returnWindowDays: 0,
  commission: { levels: [{ rate: '0.50' }], payVia: 'batch' },
  supplier: { delayDays: 0, cycle: { every: 'day', at: '02:00' }, payVia: 'batch' },
};

/** Half of every line for level 1 in the next run, split from the trade as far as Alipay lets it. */
const splitPlan: ReferencePlan = {
  returnWindowDays: 0,
  commission: { levels: [{ rate: '0.50' }], payVia: 'royalty' },
};

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open(journeySystem());
});

afterAll(async () => {
  await stage.sandbox.clearFaults();
  await stage.close();
});

/** What really moved, by the sandbox's own book: way, payee and amount. */
async function moved(shop: TestShop): Promise<string[]> {
  const names = ['d-1', 'd-2', 'sup-1'].map((id) => [shop.identityOf(id), id] as const);
  const payees = new Map(names);
  const all = await shop.moved();
  return all
    .filter(({ status }) => status === 'SUCCESS')
    .map(({ way, identity, amount }) => `${way} ${payees.get(identity) ?? identity} ${amount}`)
    .sort();
}

async function payoutsOf(shop: TestShop): Promise<readonly Payout[]> {
  return stage.gateway.payouts(shop.shopId);
}

/** Until all payouts of a shop are as they should be, such as `succeeded` or `waiting:confirmation`. */
async function allAre(shop: TestShop, wanted: string): Promise<readonly Payout[]> {
  return until(`all payouts to be ${wanted}`, () => payoutsOf(shop), {
    deadlineMs,
    holds: (payouts) =>
      payouts.length > 0 &&
      payouts.every(({ state, reason }) => {
        return wanted === (state === 'waiting' ? `${state}:${reason ?? ''}` : state);
      }),
  });
}

/**
 * A shop whose two distributors and supplier are owed by orders of 20.00, paid through a trade at Alipay,
 * and of 5.00, paid otherwise.
 */
async function shopThatOwes(
  plan: ReferencePlan,
  options: { readonly batchDirect?: boolean } = {},
): Promise<TestShop> {
  const shop = await stage.newShop(options);
  await shop.publishPlan(plan);
  await shop.upsertPayees(['d-1', 'd-2', 'sup-1']);
  const at = await stage.gateway.now();
  const { tradeNo: alipayTradeNo } = await stage.sandbox.pay(shop.appId, { amount: '20.00' });
  const orders = [
    shop.orderData({ at, amount: '20.00', alipayTradeNo }),
    shop.orderData({ at, amount: '5.00', distributors: ['d-2'] }),
  ];
  await stage.upstream.publish(orders.map((order) => orderMessage(order)));
  return shop;
}

async function liveThroughTomorrow(): Promise<void> {
  await stage.liveThroughRunsOf(midnight(await stage.gateway.now(), 1));
}

async function booksBalance(shop: TestShop): Promise<void> {
  const balance = await stage.gateway.trialBalance(shop.shopId);
  expect(balance.balanced).toBe(true);
}

describe('R-ALI-2 paying in batches', () => {
  it('R-ALI-2 O4 waits for the payer, who pays all of it at the link, each payment by itself', async () => {
    const shop = await shopThatOwes(batchPlan);
    await liveThroughTomorrow();
    const waiting = await allAre(shop, 'waiting:confirmation');
    expect(waiting).toHaveLength(3);
    expect(await moved(shop)).toEqual([]);
    const batches = await stage.sandbox.batches(shop.appId);
    expect(batches.map(({ total }) => total).sort()).toEqual(['12.50', '12.50']);
    for (const { payoutId, batch } of waiting) {
      const page = await fetch(batch?.confirmUrl ?? '');
      expect([payoutId, page.status]).toEqual([payoutId, 200]);
    }
    await stage.sandbox.putAccount(shop.identityOf('d-2'), { status: 'frozen' });
    for (const { batchTransId } of batches) await stage.sandbox.confirmBatch(batchTransId);
    // Alipay's notification is all that tells: nobody moves the clock.
    const ended = await until('every payout to have ended', () => payoutsOf(shop), {
      deadlineMs,
      holds: (payouts) => payouts.every(({ state }) => state === 'succeeded' || state === 'failed'),
    });
    expect(ended.map(({ payeeId, state }) => `${payeeId} ${state}`).sort()).toEqual([
      'd-1 succeeded',
      'd-2 failed',
      'sup-1 succeeded',
    ]);
    expect(await moved(shop)).toEqual(['batch d-1 10.00', 'batch sup-1 12.50']);
    await booksBalance(shop);
  });

  it('R-ALI-2 R-OPS-2 gives back what the payer is not to confirm: its batch is closed', async () => {
    const { supplier: _, ...plan } = batchPlan;
    const shop = await shopThatOwes(plan);
    await liveThroughTomorrow();
    const [first] = await allAre(shop, 'waiting:confirmation');
    await stage.gateway.closeBatch(shop.shopId, first?.payoutId ?? '', 'not this month');
    await allAre(shop, 'failed');
    expect(await moved(shop)).toEqual([]);
    const at = await stage.gateway.now();
    await stage.gateway.moveClock(later(at, span.hours(1)));
    await booksBalance(shop);
  });
});

describe('R-ALI-3 paying by splits of the orders’ trades', () => {
  it('R-ALI-3 O4 splits what the cap allows, and then transfers the rest', async () => {
    const shop = await shopThatOwes(splitPlan);
    await liveThroughTomorrow();
    await allAre(shop, 'succeeded');
    // Of 10.00 owed, 30 % of the 20.00 that the buyer paid; d-2's order was paid otherwise.
    const expected = ['royalty d-1 6.00', 'transfer d-1 4.00', 'transfer d-2 2.50'];
    expect(await moved(shop)).toEqual(expected);
    const ofFirst = (await shop.moved()).filter(({ identity }) => {
      return identity === shop.identityOf('d-1');
    });
    expect(ofFirst.map(({ way }) => way)).toEqual(['royalty', 'transfer']);
    const [trade] = await stage.sandbox.trades(shop.appId);
    expect(trade).toMatchObject({ amount: '20.00', split: '6.00' });
    await booksBalance(shop);
  });

  it('R-ALI-3 R-REF-3 lesson of Jeepay: returns the split of a refunded order first, and claws back the rest', async () => {
    const shop = await shopThatOwes(splitPlan);
    await liveThroughTomorrow();
    const payouts = await allAre(shop, 'succeeded');
    const [trade] = await stage.sandbox.trades(shop.appId);
    if (trade === undefined) throw new Error('the buyer paid');
    // Half of the order: 3.00 of the 6.00 that were split come back, of 5.00 that are owed back.
    await refundAtAlipay(shop, trade.tradeNo, '3.00');
    const refundedAt = await stage.gateway.now();
    const orderId = `${shop.shopId}-o1`;
    const refund = { shopId: shop.shopId, orderId, refundId: 'r-1', refundedAt };
    const data = { ...refund, items: [{ itemId: 'i-1', amount: '10.00' }] };
    await stage.upstream.publish([eventMessage('order-refunded', data, { key: orderId })]);
    const [balance] = await until(
      'what is owed back',
      () => stage.gateway.balances(shop.shopId, '?payeeId=d-1'),
      { deadlineMs, holds: ([seen]) => seen?.owedBack === '2.00' },
    );
    expect(balance).toMatchObject({ paid: '10.00', owedBack: '2.00' });
    const split = payouts.find(({ payVia }) => payVia === 'royalty');
    const { state, transitions } = await stage.gateway.payout(shop.shopId, split?.payoutId ?? '');
    expect([state, transitions.at(-1)?.why]).toEqual([
      'succeeded',
      'a refund took a part of the split back',
    ]);
    await booksBalance(shop);
  });
});

describe('lost answers and a kill', () => {
  it('R-ALI-2 R-ALI-3 F1 F16 O4 pay each once, by whichever way', async () => {
    const batches = await shopThatOwes(batchPlan, { batchDirect: true });
    const splits = await shopThatOwes(splitPlan);
    const lost = { fault: 'timeout-after', times: 2 } as const;
    const [ofBatches, ofSplits] = [{ appId: batches.appId }, { appId: splits.appId }];
    const batchApi = 'alipay.fund.batch.uni.transfer';
    await stage.sandbox.addFault({ ...lost, api: batchApi, match: ofBatches });
    await stage.sandbox.addFault({ ...lost, api: 'alipay.trade.order.settle', match: ofSplits });
    const move = liveThroughTomorrow();
    await until(
      'a batch and a split to be paid',
      () => Promise.all([moved(batches), moved(splits)]),
      {
        deadlineMs,
        holds: (paid) => paid.every((some) => some.length > 0),
      },
    );
    const pidBefore = stage.pidOf('services');
    process.kill(pidBefore, 'SIGKILL');
    await move.catch(() => undefined);
    await until('other services', () => stage.pidOf('services'), {
      deadlineMs,
      holds: (pid) => pid !== pidBefore,
    });
    await until('the gateway to answer', () => stage.gateway.now(), {
      deadlineMs,
      holds: (now) => now !== '',
    });
    // What the run had not asked for yet when it was killed has no payout that could be waited for.
    await until('the rest', () => Promise.all([moved(batches), moved(splits)]), {
      deadlineMs,
      holds: (paid) => paid.every((some) => some.length === 3),
    });
    await allAre(batches, 'succeeded');
    await allAre(splits, 'succeeded');
    expect(await moved(batches)).toEqual([
      'batch d-1 10.00',
      'batch d-2 2.50',
      'batch sup-1 12.50',
    ]);
    expect(await moved(splits)).toEqual([
      'royalty d-1 6.00',
      'transfer d-1 4.00',
      'transfer d-2 2.50',
    ]);
    expect(await stage.sandbox.batches(batches.appId)).toHaveLength(2);
    await stage.gateway.waitForIdle();
    await booksBalance(batches);
    await booksBalance(splits);
  });
});

/** The shop's own system refunds 10.00 to the buyer, of which a share comes back from d-1 first. */
async function refundAtAlipay(shop: TestShop, tradeNo: string, share: string): Promise<void> {
  const gateway = `${stage.ready.alipaySandbox ?? ''}/gateway.do`;
  const { sdk } = connectAlipay({ ...shop.alipay, gateway, timeoutMs: deadlineMs });
  const back = { royalty_type: 'transfer', trans_out: shop.identityOf('d-1'), amount: share };
  const bizContent = {
    trade_no: tradeNo,
    out_request_no: `${shop.appId}R1`,
    refund_amount: '10.00',
    refund_royalty_parameters: [{ ...back, trans_out_type: 'loginName' }],
  };
  const answer = await sdk.exec('alipay.trade.refund', { bizContent });
  expect(answer).toMatchObject({ code: '10000', fundChange: 'Y' });
}
