import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeRequest } from './alipay-merchant.js';
import { askSoon } from './ask.store.js';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled, type Scene } from './payout-house.fixture.js';
import { loadPayouts, type PayoutKey } from './payout.store.js';
import { until } from './sandbox.fixture.js';

const transfer = 'alipay.fund.trans.uni.transfer';
const query = 'alipay.fund.trans.common.query';
const accountLog = 'alipay.data.bill.accountlog.query';

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker();
}, 60_000);

afterAll(async () => {
  await house.close();
});

describe('an outcome that nobody knows', () => {
  const faults = ['timeout-after', 'bad-signature', 'missing-signature', 'truncated', 'http-502'];
  const scenes = new Map<string, Scene>();

  // Alipay is asked for seven seconds of real time: about all of them meanwhile.
  beforeAll(async () => {
    for (const fault of faults) {
      const scene = await house.scene();
      const match = { identity: scene.identity };
      await house.sandbox.addFault({ api: transfer, fault, match, times: 1 });
      scenes.set(fault, scene);
    }
    await house.request(...[...scenes.values()].map(({ key }) => house.instruction(key())));
  });

  it.each(faults)(
    'R-FAI-1 lessons 1, 16, 18, 19: is resolved by asking, without any notification: %s',
    async (fault) => {
      const scene = scenes.get(fault);
      if (scene === undefined) throw new Error(`${fault} was not prepared`);
      const { appId, key } = scene;
      await until('it has been unknown', () => house.movesOf(key()), {
        deadlineMs: 20_000,
        holds: (moves) => moves.includes('sending → unknown'),
      });
      // Where the sandbox did not execute it, only two questions ten minutes apart say so.
      const [state] = await settled(key());
      if (state === 'unknown') {
        house.move(house.later(11));
        await house.reaches(key(), 'succeeded');
      }
      const paid = await house.sandbox.transfers(appId);
      expect(paid.map(({ outBizNo }) => outBizNo)).toEqual([outBizNoOf(key())]);
    },
    40_000,
  );

  it('R-FAI-1 is resolved by the account log where the query says nothing for long', async () => {
    const { appId, identity, key } = await house.scene();
    await house.sandbox.addFault({ api: transfer, fault: 'timeout-after', match: { identity } });
    const dumb = { api: query, fault: 'system-error', times: null };
    await house.sandbox.addFault({ ...dumb, match: { outBizNo: outBizNoOf(key()) } });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'unknown');
    expect(await settled(key())).toEqual(['unknown']);
    house.move(house.later(11));
    await house.reaches(key(), 'succeeded');
    expect(await house.sandbox.transfers(appId)).toHaveLength(1);
  }, 40_000);

  it('R-FAI-1 is resolved by the bill where neither query nor account log ever says anything', async () => {
    const { appId, identity, key } = await house.scene();
    const outBizNo = outBizNoOf(key());
    await house.sandbox.addFault({ api: transfer, fault: 'timeout-after', match: { identity } });
    const dumb = { fault: 'system-error', times: null };
    await house.sandbox.addFault({ ...dumb, api: query, match: { outBizNo } });
    await house.sandbox.addFault({ ...dumb, api: accountLog, match: { appId } });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'unknown');
    expect(await settled(key())).toEqual(['unknown']);
    const line = { alipayNo: '2026', at: house.clock.now().toISOString() };
    // Somebody else's amount under our number proves nothing; nor does what came back again.
    const { amount } = house.instruction(key());
    for (const lines of [
      [{ ...line, amount: '-0.01' }],
      [
        { ...line, amount: `-${amount}` },
        { ...line, amount },
      ],
      [{ ...line, amount }],
    ]) {
      house.others.billed.set(outBizNo, lines);
      const before = await timesAsked(key());
      house.move(house.later(24 * 60));
      await until('it is asked about again', () => timesAsked(key()), {
        deadlineMs: 10_000,
        holds: (times) => times > before,
      });
      expect(await house.stateOf(key())).toBe('unknown');
    }
    house.others.billed.set(outBizNo, [{ ...line, amount: `-${amount}` }]);
    house.move(house.later(24 * 60));
    await house.reaches(key(), 'succeeded');
    expect(await house.sandbox.transfers(appId)).toHaveLength(1);
    const shown = await house.shown(key());
    expect(shown.transitions.at(-1)).toMatchObject({ why: "the account's bill says it was paid" });
  }, 60_000);

  it('R-FAI-1 O4 believes the account log until the transfer that is in process there has failed', async () => {
    const { appId, identity, key } = await house.scene();
    const dumb = { api: query, fault: 'system-error', match: { outBizNo: outBizNoOf(key()) } };
    const inProcess = { fault: 'processing', then: 'fails', afterQueries: 0 };
    await house.sandbox.addFault({ api: transfer, ...inProcess, match: { identity } });
    await house.sandbox.addFault({ ...dumb, times: 4 });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'unknown');
    expect(await settled(key())).toEqual(['unknown']);
    house.move(house.later(11)); // the fourth question: the log has the debit already
    await house.reaches(key(), 'succeeded');
    house.move(house.later(61));
    await house.reaches(key(), 'returned');
    const [moved] = await house.sandbox.transfers(appId);
    expect(moved).toMatchObject({ status: 'FAIL' });
    const results = await house.saidOn('payout-result');
    const ours = results.filter(({ shopId }) => shopId === key().shopId);
    expect(ours.map(({ status }) => status)).toEqual(['succeeded', 'returned']);
  }, 40_000);

  it('R-FAI-1 lesson 13: hears that money came back though the first question brings no answer', async () => {
    const { shopId, identity, key } = await house.scene();
    await house.sandbox.addFault({ api: transfer, fault: 'returned', match: { identity } });
    const outBizNo = outBizNoOf(key());
    const dumb = { api: query, fault: 'system-error', match: { outBizNo }, times: 1 };
    await house.sandbox.addFault(dumb);
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'succeeded');
    // As a notification of Alipay has it asked about, which is not sent again.
    await house.units.run((unit) => askSoon(unit.tx, [{ shopId, outBizNo, alsoSucceeded: true }]));
    await house.reaches(key(), 'returned');
  }, 40_000);

  it('R-ALI-5 R-FAI-1 asks behind its answer about what was told while a payout was being sent', async () => {
    const { shopId, identity, key } = await house.scene();
    const outBizNo = outBizNoOf(key());
    await house.sandbox.addFault({
      api: transfer,
      fault: 'slow',
      delayMs: 500,
      match: { identity },
    });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'sending');
    // As a notification of Alipay does: the money came back before we have heard that it went.
    await house.units.run((unit) => askSoon(unit.tx, [{ shopId, outBizNo, alsoSucceeded: true }]));
    expect(await house.stateOf(key())).toBe('sending');
    await house.reaches(key(), 'succeeded');
    await until('Alipay is asked', () => house.sandbox.requests(outBizNo), {
      deadlineMs: 10_000,
      holds: (requests) => requests.some(({ method }) => method === query),
    });
    const moves = ['requested → sending', 'sending → succeeded'];
    expect(await house.movesOf(key())).toEqual(moves);
  }, 40_000);

  it('R-FAI-1 lessons 2, 3: sends the stored request again, byte for byte, after two ORDER_NOT_EXIST', async () => {
    const { appId, identity, key } = await house.scene();
    const fault = 'timeout-before';
    await house.sandbox.addFault({ api: transfer, fault, match: { identity }, times: 1 });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'unknown');
    expect(await settled(key())).toEqual(['unknown']);
    await house.payee(key().shopId, 'd-1', '李四'); // a changed account changes nothing any more
    await house.sandbox.putAccount(identity, { name: '张三' });
    house.move(house.later(11));
    await house.reaches(key(), 'succeeded');
    expect(await house.movesOf(key())).toEqual([
      'requested → sending',
      'sending → unknown',
      'unknown → sending',
      'sending → succeeded',
    ]);
    const paid = await house.sandbox.transfers(appId);
    expect(paid.map(({ name, identity: to }) => [name, to])).toEqual([['张三', identity]]);
  }, 40_000);

  it('is never cancelled, and keeps the merchant', async () => {
    const { shopId, identity, key } = await house.scene();
    const fault = 'timeout-before';
    await house.sandbox.addFault({ api: transfer, fault, match: { identity }, times: 1 });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'unknown');
    const order = { key: key(), reason: 'no', caller: userCalled('operator') };
    await expect(house.payouts.act({ ...order, act: 'cancel' })).rejects.toThrow(/unknown|Alipay/);
    const other = await house.sandbox.putMerchant(`other-${shopId}`, {});
    await expect(house.credentials.put(shopId, other.alipay, userCalled('admin'))).rejects.toThrow(
      /present merchant/,
    );
    await settled(key());
    house.move(house.later(11));
    await house.reaches(key(), 'succeeded');
  }, 40_000);

  it('R-FAI-1 lesson 1: asks about what a lost sender was sending, and pays nothing twice', async () => {
    const { appId, key } = await house.scene();
    await house.stops.setOne(key().shopId, { stopped: true, reason: 'spec' }, userCalled('o'));
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'waiting:stop');
    // As a sender leaves it that was killed between its intent and the outcome.
    await house.sql(
      `INSERT INTO stored_request (shop_id, payout_id, app_id, request, stored_at)
       VALUES ($1, $2, $3, $4, now())`,
      [
        key().shopId,
        key().payoutId,
        appId,
        house.cipher.encrypt(await requestText(key(), appId), contextOf(key())),
      ],
    );
    await house.sql(
      `UPDATE payout SET state = 'sending', reason = NULL, seq = seq + 1, app_id = $3, attempts = 1,
              sent_at = changed_at,
              owner = 'gone', revision = revision + 1 WHERE shop_id = $1 AND payout_id = $2`,
      [key().shopId, key().payoutId, appId],
    );
    await house.reaches(key(), 'unknown');
    await settled(key());
    await house.stops.setOne(key().shopId, { stopped: false, reason: 'spec' }, userCalled('o'));
    house.move(house.later(11));
    await house.reaches(key(), 'succeeded');
    expect(await house.sandbox.transfers(appId)).toHaveLength(1);
  }, 40_000);
});

async function timesAsked({ shopId, payoutId }: PayoutKey): Promise<number> {
  const [row] = await house.sql<{ asked: number }>(
    'SELECT asked FROM payout WHERE shop_id = $1 AND payout_id = $2',
    [shopId, payoutId],
  );
  return row?.asked ?? 0;
}

/** The state once no question on real time is due any more. */
async function settled(key: PayoutKey): Promise<string[]> {
  return until(
    'its questions on real time are asked',
    async () => {
      const rows = await house.sql<{ state: string; due: boolean }>(
        `SELECT state, ask_real_at IS NOT NULL OR state = 'sending' AS due FROM payout
         WHERE shop_id = $1 AND payout_id = $2`,
        [key.shopId, key.payoutId],
      );
      return rows.filter(({ due }) => !due).map(({ state }) => state);
    },
    { deadlineMs: 30_000, holds: (states) => states.length === 1 },
  );
}

async function requestText(key: PayoutKey, appId: string): Promise<string> {
  const [held] = await loadPayouts(house.database, [key]);
  if (held === undefined) throw new Error('no such payout');
  const identity = `d-1.${key.shopId}@example.com`;
  const account = {
    identityType: 'ALIPAY_LOGON_ID' as const,
    identity,
    name: '张三',
    accountType: null,
  };
  const made = makeRequest(
    { payout: held.payout, account, shopName: 'x', splitMode: 'sync' },
    appId,
  );
  if ('problem' in made) throw new Error(made.problem);
  return made.text;
}

function contextOf({ shopId, payoutId }: PayoutKey): string {
  return `${shopId}/payout/${payoutId}/request`;
}
