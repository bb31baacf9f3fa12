import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Payout } from '@qingfen/contracts';
import { later, midnight, orderMessage, type ReferencePlan, span, until } from '@qingfen/testing';

import { journeySystem, Stage, type TestShop } from '../src/index.js';

const deadlineMs = 60_000;

/** Half of every line for level 1 in the next run, and the rest for its supplier, in batches. */
const batchPlan: ReferencePlan = {
  returnWindowDays: 0,
  commission: { levels: [{ rate: '0.50' }], payVia: 'batch' },
  supplier: { delayDays: 0, cycle: { every: 'day', at: '02:00' }, payVia: 'batch' },
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

/** A shop whose two distributors and supplier are owed by orders of 20.00 and 5.00. */
async function shopThatOwes(
  plan: ReferencePlan,
  options: { readonly batchDirect?: boolean } = {},
): Promise<TestShop> {
  const shop = await stage.newShop(options);
  await shop.publishPlan(plan);
  await shop.upsertPayees(['d-1', 'd-2', 'sup-1']);
  const at = await stage.gateway.now();
  const orders = [
    shop.orderData({ at, amount: '20.00' }),
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

  it('R-ALI-2 F16 O4 pays each once though the answer is lost and the services are killed', async () => {
    const shop = await shopThatOwes(batchPlan, { batchDirect: true });
    const api = 'alipay.fund.batch.uni.transfer';
    const match = { appId: shop.appId };
    await stage.sandbox.addFault({ api, fault: 'timeout-after', match, times: 2 });
    const move = liveThroughTomorrow();
    await until('a batch to be paid', () => stage.sandbox.batches(shop.appId), {
      deadlineMs,
      holds: (batches) => batches.length > 0,
    });
    const pidBefore = stage.pidOf('services');
    process.kill(pidBefore, 'SIGKILL');
    await move.catch(() => undefined);
    await until('other services', () => stage.pidOf('services'), {
      deadlineMs,
      holds: (pid) => pid !== pidBefore,
    });
    await until(
      'the gateway to answer',
      () =>
        stage.gateway.now().then(
          () => true,
          () => false,
        ),
      {
        deadlineMs,
        holds: (answers) => answers,
      },
    );
    await allAre(shop, 'succeeded');
    expect(await moved(shop)).toEqual(['batch d-1 10.00', 'batch d-2 2.50', 'batch sup-1 12.50']);
    expect(await stage.sandbox.batches(shop.appId)).toHaveLength(2);
    await stage.gateway.waitForIdle();
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
