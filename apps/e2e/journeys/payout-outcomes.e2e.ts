import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type FaultWish,
  later,
  midnight,
  orderMessage,
  span,
  until,
  yuanOf,
} from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const correlationId = 'journey-from-order-to-alipay';
/** An order of 20.00 under {@link nextDayPlan} owes its distributor half. */
const owed = '10.00';
/** An unknown payout is asked after 1, 2 and 4 real seconds; after that business time decides. */
const settledMs = 30_000;

interface Trouble {
  readonly name: string;
  readonly fault: FaultWish;
  /** Whether Alipay had moved the money, so that asking is all that is needed. */
  readonly moved: boolean;
}

const lostConnection = 'a connection lost after it';
const tooManyCalls = 'a call too many';
const troubles: readonly Trouble[] = [
  { name: 'a time-out before anything moved', fault: { fault: 'timeout-before' }, moved: false },
  { name: 'a time-out after the money moved', fault: { fault: 'timeout-after' }, moved: true },
  {
    name: 'a system error that moved the money',
    fault: { fault: 'system-error', then: 'succeeds' },
    moved: true,
  },
  {
    name: 'a system error that moved nothing',
    fault: { fault: 'system-error', then: 'fails' },
    moved: false,
  },
  { name: 'an answer with a bad signature', fault: { fault: 'bad-signature' }, moved: true },
  { name: 'an answer without signature', fault: { fault: 'missing-signature' }, moved: true },
  { name: 'an answer cut short', fault: { fault: 'truncated' }, moved: true },
  { name: 'a bad gateway', fault: { fault: 'http-502', then: 'fails' }, moved: false },
  { name: 'a transfer that takes its time', fault: { fault: 'processing' }, moved: true },
  { name: lostConnection, fault: { fault: 'drop-connection' }, moved: true },
  { name: tooManyCalls, fault: { fault: 'rate-limited' }, moved: false },
];

const badAccounts = [
  { name: 'frozen', account: { status: 'frozen' } },
  { name: 'missing', account: { status: 'missing' } },
  { name: 'of somebody else', account: { name: '别人' } },
] as const;

describe('what can become of a payout', () => {
  let stage: Stage;
  let now: string;
  const troubled: TestShop[] = [];
  const refused: TestShop[] = [];

  async function shopThatOwes(options: { readonly balance?: string } = {}): Promise<TestShop> {
    const shop = await stage.newShop(options);
    await shop.publishPlan(nextDayPlan);
    await shop.upsertPayees(['d-1']);
    const order = shop.orderData({ at: await stage.gateway.now(), amount: '20.00' });
    await stage.upstream.publish([orderMessage(order, { correlationId })]);
    return shop;
  }

  /** What moved to the account of `d-1`, transfer by transfer. */
  async function movedTo(shop: TestShop, identity = shop.identityOf('d-1')): Promise<string[]> {
    const moved = await shop.moved();
    return moved
      .filter((each) => each.identity === identity && each.status === 'SUCCESS')
      .map(({ amount }) => amount);
  }

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    for (const { fault } of troubles) {
      const shop = await shopThatOwes();
      await stage.sandbox.addFault({ ...fault, match: { appId: shop.appId } });
      troubled.push(shop);
    }
    for (const { account } of badAccounts) {
      const shop = await shopThatOwes();
      await stage.sandbox.putAccount(shop.identityOf('d-1'), account);
      refused.push(shop);
    }
    now = await stage.gateway.now();
    await stage.liveThroughRunsOf(midnight(now, 1));
    await stage.gateway.waitForIdle();
  });
  afterAll(async () => {
    await stage.sandbox.clearFaults();
    await stage.close();
  });

  it('R-FAI-1 R-ALI-1 lessons 1, 12, 16, 19: asks about what moved until it knows, and pays nobody twice', async () => {
    for (const [index, { name, moved }] of troubles.entries()) {
      const shop = troubled[index];
      if (shop === undefined || !moved) continue;
      const payout = await until(`${name} to succeed`, () => shop.onlyPayout('d-1'), {
        deadlineMs: settledMs,
        holds: ({ state }) => state === 'succeeded',
      });
      expect([name, await movedTo(shop)]).toEqual([name, [owed]]);
      const requests = await stage.sandbox.requests(payout.outBizNo);
      expect([name, requests.filter(({ executed }) => executed).length]).toEqual([name, 1]);
    }
  });

  it('R-FAI-1 lesson 18: sends again what moved nothing: same number, when that is certain', async () => {
    for (const [index, { name, moved }] of troubles.entries()) {
      const shop = troubled[index];
      if (shop === undefined || moved) continue;
      // Being one call too many passes within seconds, and may have passed already.
      if (name === tooManyCalls) continue;
      expect([name, (await shop.onlyPayout('d-1')).state]).toEqual([name, 'unknown']);
      expect([name, await movedTo(shop)]).toEqual([name, []]);
    }
    const then = await stage.gateway.now();
    await stage.gateway.moveClock(later(then, span.minutes(11)));
    await stage.gateway.moveClock(later(then, span.hours(2)));
    for (const [index, { name }] of troubles.entries()) {
      const shop = troubled[index];
      if (shop === undefined) continue;
      const payout = await shop.onlyPayout('d-1');
      expect([name, payout.state, await movedTo(shop)]).toEqual([name, 'succeeded', [owed]]);
      const requests = await stage.sandbox.requests(payout.outBizNo);
      expect([name, requests.filter(({ executed }) => executed).length]).toEqual([name, 1]);
      const was = new Set(payout.transitions.map(({ to }) => to));
      expect([name, was.has(name === tooManyCalls ? 'waiting' : 'unknown')]).toEqual([
        name,
        // The client sends again by itself on a lost connection; the number keeps that harmless.
        name !== lostConnection,
      ]);
    }
    const hits = (await stage.sandbox.faults()).map(({ fault, hits }) => `${fault} ${hits > 0}`);
    expect(hits).toEqual(hits.map((hit) => hit.replace('false', 'true')));
  });

  it('R-ONC-1 carries one correlation id from the order event to Alipay’s answer', () => {
    const lines = readdirSync(stage.ready.logs)
      .filter((name) => name.endsWith('.log') && !/kafka|postgres/.test(name))
      .flatMap((name) => readFileSync(path.join(stage.ready.logs, name), 'utf8').split('\n'))
      .filter((line) => line.includes(correlationId));
    const said = new Set(lines.map((line): unknown => JSON.parse(line).service));
    expect([...said]).toEqual(expect.arrayContaining(['settlement-calculator', 'payout']));
    expect(lines.some((line) => /given to Alipay/.test(line))).toBe(true);
    for (const line of lines) expect(line).not.toContain('@example.test');
  });

  it('R-TST-3 R-FAI-1 lesson 28: gives back what an account refuses, until the account is mended', async () => {
    for (const [index, { name }] of badAccounts.entries()) {
      const shop = refused[index];
      if (shop === undefined) continue;
      const payout = await shop.onlyPayout('d-1');
      expect([name, payout.state, payout.failure?.code]).toEqual([name, 'failed', '40004']);
      expect([name, await shop.moved()]).toEqual([name, []]);
      const [balance] = await stage.gateway.balances(shop.shopId, '?payeeId=d-1');
      expect([name, balance]).toEqual([name, { ...balance, held: owed, inPayout: '0.00' }]);
      const [statement] = await stage.gateway.statements(shop.shopId, '?payeeId=d-1');
      expect([name, statement?.state]).toEqual([name, 'given-back']);
    }
    // Nothing is stated while the account stands as it was.
    const today = await stage.gateway.now();
    await stage.liveThroughRunsOf(midnight(today, 1));
    for (const shop of refused) {
      expect(await stage.gateway.payouts(shop.shopId)).toHaveLength(1);
    }
    const mended = (shop: TestShop): string => `mended.${shop.identityOf('d-1')}`;
    for (const shop of refused) await shop.upsertPayees(['d-1'], { identity: mended(shop) });
    await stage.gateway.waitForIdle();
    await stage.liveThroughRunsOf(midnight(today, 2));
    for (const [index, shop] of refused.entries()) {
      const name = badAccounts[index]?.name;
      const states = (await stage.gateway.payouts(shop.shopId)).map(({ state }) => state);
      expect([name, states]).toEqual([name, ['failed', 'succeeded']]);
      expect([name, await movedTo(shop, mended(shop))]).toEqual([name, [owed]]);
      expect([name, await movedTo(shop)]).toEqual([name, []]);
      const [balance] = await stage.gateway.balances(shop.shopId, '?payeeId=d-1');
      expect([name, balance?.paid, balance?.held]).toEqual([name, owed, '0.00']);
      expect((await stage.gateway.trialBalance(shop.shopId)).balanced).toBe(true);
    }
  });

  it('R-TST-3 R-FAI-1 waits for funds and pays the oldest first; none overtakes', async () => {
    const shop = await stage.newShop({ balance: '20.00' });
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1', 'd-2']);
    const first = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at: first, amount: '100.00' })]);
    await stage.liveThroughRunsOf(midnight(first, 1));
    const at = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at, amount: '20.00', distributors: ['d-2'] })]);
    await stage.liveThroughRunsOf(midnight(first, 2));
    const states = async (): Promise<(string | null)[][]> =>
      (await stage.gateway.payouts(shop.shopId)).map((payout) => [
        payout.payeeId,
        payout.state,
        payout.state === 'waiting' ? payout.reason : null,
      ]);
    // 20.00 would do for the second, of 10.00, but the first, of 50.00, is older.
    expect(await states()).toEqual([
      ['d-1', 'waiting', 'funds'],
      ['d-2', 'waiting', 'funds'],
    ]);
    await stage.sandbox.move(shop.appId, { amount: '35.00', type: 'top-up' });
    await lookAgain(stage);
    expect(await states()).toEqual([
      ['d-1', 'succeeded', null],
      ['d-2', 'waiting', 'funds'],
    ]);
    await stage.sandbox.move(shop.appId, { amount: '5.00', type: 'top-up' });
    await lookAgain(stage);
    expect((await states()).map(([, state]) => state)).toEqual(['succeeded', 'succeeded']);
    expect(await stage.sandbox.balance(shop.appId)).toBe('0.00');
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual(['50.00', '10.00']);
  });

  it('R-FAI-1 R-OPS-2 sends what was stopped when the gateway is back', async () => {
    const shop = await shopThatOwes();
    const today = await stage.gateway.now();
    await stage.gateway.stopPayouts(shop.shopId, true);
    await stage.liveThroughRunsOf(midnight(today, 1));
    expect(await shop.onlyPayout('d-1')).toMatchObject({ state: 'waiting', reason: 'stop' });
    const pidBefore = stage.pidOf('alipay-sandbox');
    process.kill(pidBefore, 'SIGKILL');
    await stage.gateway.stopPayouts(shop.shopId, false);
    await until('another sandbox', () => stage.pidOf('alipay-sandbox'), {
      deadlineMs: settledMs,
      holds: (pid) => pid !== pidBefore,
    });
    await stage.gateway.waitForIdle();
    await lookAgain(stage);
    await until('the payout to succeed', () => shop.onlyPayout('d-1'), {
      deadlineMs: settledMs,
      holds: ({ state }) => state === 'succeeded',
    });
    expect(await movedTo(shop)).toEqual([yuanOf(1_000n)]);
  });
});

/** Moves on by an hour, so that whatever waits is looked at. */
async function lookAgain(stage: Stage): Promise<void> {
  const at = await stage.gateway.now();
  await stage.gateway.moveClock(later(at, span.hours(1)));
  await stage.gateway.waitForIdle();
}
