import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled } from './payout-house.fixture.js';
import { loadPayouts } from './payout.store.js';
import { until } from './sandbox.fixture.js';
import { hearForms } from './told-forms.fixture.js';

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker();
}, 60_000);

afterAll(async () => {
  await house.close();
});

const transfer = 'alipay.fund.trans.uni.transfer';

describe('sending a payout', () => {
  it('R-ALI-1 lesson 4: pays once, however often it is asked, and tells it', async () => {
    const { appId, identity, key } = await house.scene();
    const instruction = house.instruction(key());
    await house.request(instruction);
    await house.reaches(key(), 'succeeded');
    await house.request(instruction); // the same fact under another event id
    expect(await house.movesOf(key())).toEqual(['requested → sending', 'sending → succeeded']);
    const [moved, ...more] = await house.sandbox.transfers(appId);
    expect(more).toEqual([]);
    expect(moved).toMatchObject({ outBizNo: outBizNoOf(key()), identity, amount: '12.30' });
    const results = await house.saidOn('payout-result');
    expect(results.filter(({ shopId }) => shopId === key().shopId)).toEqual([
      expect.objectContaining({ status: 'succeeded', seq: 2, amount: '12.30', currency: 'CNY' }),
    ]);
  });

  it('R-SEC-2 keeps accounts, names, keys and requests encrypted', async () => {
    const { shopId, key } = await house.scene();
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'succeeded');
    const tables = ['credential', 'payee', 'stored_request'];
    for (const table of tables) {
      const rows = await house.sql(`SELECT t::text AS row FROM ${table} t WHERE shop_id = $1`, [
        shopId,
      ]);
      expect(rows).toHaveLength(1);
      // A key in PEM or, without its lines, as Base64 of either form.
      expect(JSON.stringify(rows)).not.toMatch(
        /example\.com|张三|PRIVATE KEY|BgkqhkiG9w0BAQ|IBAAKCAQ/,
      );
    }
  });

  it('says nothing moved for a forged instruction', async () => {
    const { appId, key } = await house.scene();
    for (const by of [null, 'order', 'payout'] as const) {
      await house.told('payout-requested', [house.instruction(key())], by);
    }
    expect(await house.stateOf(key())).toBe('none');
    const dead = await house.sql<{ topic: string }>(
      `SELECT topic FROM outbox WHERE topic = 'payout-requested.dlq'`,
    );
    expect(dead).toHaveLength(3);
    expect(await house.sandbox.transfers(appId)).toEqual([]);
  });

  it('lets a contradicting instruction change nothing', async () => {
    const { key } = await house.scene();
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'succeeded');
    await house.request(house.instruction(key(), { amount: '99.00' }));
    const rows = await house.sql<{ amount: bigint }>(
      'SELECT amount_minor AS amount FROM payout WHERE shop_id = $1',
      [key().shopId],
    );
    expect(rows).toEqual([{ amount: 1230n }]);
  });

  it('R-TAX-1 pays the net and keeps what was withheld with it, whatever is said of that later', async () => {
    const { appId, key } = await house.scene();
    const tax = { gross: '14.30', withheld: '2.00' };
    await house.request(house.instruction(key(), tax));
    await house.reaches(key(), 'succeeded');
    await house.request(house.instruction(key(), { ...tax, withheld: '1.00' }));
    await house.request(house.instruction(key()));
    const rows = await house.sql<{ paid: bigint; withheld: bigint }>(
      `SELECT amount_minor AS paid, withheld_minor AS withheld FROM payout WHERE shop_id = $1`,
      [key().shopId],
    );
    expect(rows).toEqual([{ paid: 1230n, withheld: 200n }]);
    const moved = await house.sandbox.transfers(appId);
    expect(moved.map(({ amount }) => amount)).toEqual(['12.30']);
  });

  it('R-FAI-1 lesson 41: waits for credentials and for an account, says so, and goes on by itself', async () => {
    const key = { shopId: 'unprepared', payoutId: 'po_a' };
    await house.request(house.instruction(key));
    await house.reaches(key, 'waiting:credentials');
    await house.shop(key.shopId);
    await house.reaches(key, 'waiting:payee');
    await house.payee(key.shopId, 'd-1');
    await house.reaches(key, 'succeeded');
  });

  it('R-REF-3 lessons 25, 35: asks the ledger first: debt and holds wait for an approver, others never pass', async () => {
    const { appId, key } = await house.scene();
    house.others.doubts.set('po_debt', 'debt: the payee owes more than is unstated since');
    house.others.doubts.set('po_fake', 'no statement of ours asks for this payout');
    await house.request(house.instruction(key('debt')), house.instruction(key('fake')));
    await house.reaches(key('debt'), 'review');
    await house.reaches(key('fake'), 'review');
    for (const name of ['debt', 'fake']) {
      const order = { key: key(name), act: 'approve', reason: 'fine' } as const;
      await house.payouts.act({ ...order, caller: userCalled('approver') });
    }
    await house.reaches(key('debt'), 'succeeded');
    await house.reaches(key('fake'), 'review');
    expect(await house.sandbox.transfers(appId)).toHaveLength(1);
  });
});

describe('what Alipay refuses', () => {
  it('R-FAI-1 lesson 5: fails for the payee, after a query that finds nothing, and is never paid again', async () => {
    const { identity, key } = await house.scene();
    await house.sandbox.putAccount(identity, { status: 'missing' });
    const instruction = house.instruction(key());
    await house.request(instruction);
    await house.reaches(key(), 'failed');
    await house.sandbox.putAccount(identity, { status: 'normal' });
    await house.request(instruction); // its money is given back by now: this number pays no more
    const [result] = (await house.saidOn('payout-result')).filter((said) => {
      return said['shopId'] === key().shopId;
    });
    expect(result).toMatchObject({ status: 'failed', payeeFault: true });
    // What is instructed later is looked at later: once it is paid, the old number had its turn.
    await house.request(house.instruction(key('later')));
    await house.reaches(key('later'), 'succeeded');
    expect(await house.stateOf(key())).toBe('failed');
    const asked = await house.sandbox.requests(outBizNoOf(key()));
    expect(asked.map(({ method }) => method)).toEqual([transfer, 'alipay.fund.trans.common.query']);
  });

  it('R-TST-3 lessons 14, 28: waits for funds in order, and pays when they are there', async () => {
    const { appId, key } = await house.scene('10.00');
    await house.request(house.instruction(key('1')));
    await house.reaches(key('1'), 'waiting:funds');
    await house.request(house.instruction(key('2'), { amount: '1.00' }));
    await house.reaches(key('2'), 'waiting:funds');
    house.move(house.later(0)); // asked for now: still not enough
    await house.reaches(key('1'), 'waiting:funds');
    expect(await house.sandbox.transfers(appId)).toEqual([]);
    await house.sandbox.move(appId, { amount: '5.00', type: 'top-up' });
    house.move(house.later(0));
    await house.reaches(key('1'), 'succeeded');
    await house.reaches(key('2'), 'succeeded');
    const paid = await house.sandbox.transfers(appId);
    expect(paid.map(({ amount }) => amount)).toEqual(['12.30', '1.00']);
  });

  it('takes a risk refusal to a human, who may cancel it when nothing moved', async () => {
    const { identity, key } = await house.scene();
    const subCode = 'SECURITY_CHECK_FAILED';
    await house.sandbox.addFault({
      api: transfer,
      fault: 'sub-code',
      match: { identity },
      subCode,
    });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'review');
    const order = { key: key(), act: 'reject', reason: 'no' } as const;
    await house.payouts.act({ ...order, caller: userCalled('approver') });
    expect(await house.stateOf(key())).toBe('cancelled');
  });

  it('stops for a missing contract, and pays under the same number afterwards', async () => {
    const { appId, identity, key } = await house.scene();
    const subCode = 'PRODUCT_NOT_SIGN';
    await house.sandbox.addFault({
      api: transfer,
      fault: 'sub-code',
      match: { identity },
      subCode,
    });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'waiting:credentials');
    const alerts = (): Promise<{ class: string; state: string }[]> =>
      house.sql('SELECT class, state FROM alert WHERE shop_id = $1', [key().shopId]);
    expect(await alerts()).toEqual([{ class: 'payout-credentials', state: 'raised' }]);
    house.move(house.later(1));
    await house.reaches(key(), 'succeeded');
    expect(await house.sandbox.transfers(appId)).toHaveLength(1);
    expect(await alerts()).toEqual([{ class: 'payout-credentials', state: 'resolved' }]);
  });
});

describe('the emergency stop', () => {
  it('R-OPS-2 holds what is requested, sends nothing, and loses nothing', async () => {
    const { shopId, appId, key } = await house.scene();
    const set = (stopped: boolean): Promise<unknown> =>
      house.stops.setOne(shopId, { stopped, reason: 'spec' }, userCalled('operator'));
    const names = Array.from({ length: 40 }, (_, index) => `${index}`);
    await house.request(...names.map((name) => house.instruction(key(name))));
    await set(true);
    const stoppedAt = (await house.sandbox.transfers(appId)).length;
    const started = await house.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM payout WHERE shop_id = $1 AND attempts > 0`,
      [shopId],
    );
    await until('the rest waits', () => openOf(shopId), {
      deadlineMs: 20_000,
      holds: (open) => open.every((state) => state === 'waiting'),
    });
    const moved = (await house.sandbox.transfers(appId)).length;
    expect(moved).toBeLessThanOrEqual(started[0]?.count ?? 0);
    expect(moved).toBeGreaterThanOrEqual(stoppedAt);
    await set(false);
    for (const name of names) await house.reaches(key(name), 'succeeded');
    expect(await house.sandbox.transfers(appId)).toHaveLength(names.length);
  }, 40_000);

  it('R-OPS-2 when it is lifted, reaches a payout that is being looked at', async () => {
    const { shopId, key } = await house.scene();
    const set = (stopped: boolean): Promise<unknown> =>
      house.stops.setOne(shopId, { stopped, reason: 'spec' }, userCalled('operator'));
    await set(true);
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'waiting:stop');
    let lifted: Promise<unknown> = Promise.resolve();
    await house.database.transaction(async (tx) => {
      // As a look at what waits does that has read the stop before it is lifted.
      await loadPayouts(tx, [key()], 'lock');
      let isDone = false;
      lifted = set(false).then(() => (isDone = true));
      await until('the one who lifts it waits for the row, or is done', waitsOnLocks, {
        deadlineMs: 20_000,
        holds: (waits) => waits || isDone,
      });
    });
    await lifted;
    await house.reaches(key(), 'succeeded');
  });
});

/** Whether anybody in this database waits for a lock. */
async function waitsOnLocks(): Promise<boolean> {
  const rows = await house.sql(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}

describe('several senders', () => {
  it('R-ALI-1 lessons 3, 7, 8: pay each payout once between them', async () => {
    const { shopId, appId, key } = await house.scene();
    const others = [await house.startWorker(), await house.startWorker()];
    const names = Array.from({ length: 150 }, (_, index) => `${index}`);
    await house.request(...names.map((name) => house.instruction(key(name))));
    await until('all are paid', () => openOf(shopId), {
      deadlineMs: 30_000,
      holds: (open) => open.length === 0,
    });
    for (const worker of others) await worker.beforeApplicationShutdown();
    const paid = await house.sandbox.transfers(appId);
    expect(new Set(paid.map(({ outBizNo }) => outBizNo)).size).toBe(names.length);
    expect(paid.every(({ attempts }) => attempts === 1)).toBe(true);
  }, 60_000);
});

describe('notifications', () => {
  it('R-ALI-5 lesson 17: are a reason to ask, and no more', async () => {
    const { shopId, key } = await house.scene();
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'succeeded');
    const forged = { notify_id: 'n', msg_method: 'x', app_id: `app-${shopId}`, sign: 'AAAA' };
    const notifications = [{ shopId, form: forged }];
    expect(await house.notifications.take({ notifications })).toEqual({ stored: [false] });
    expect(await house.stateOf(key())).toBe('succeeded');
  });

  it('R-ALI-5 lesson 17: that is forged keeps none beside it from being stored', async () => {
    const told = await hearForms();
    const { shopId, appId, key } = await house.scene();
    await house.sandbox.putMerchant(appId, { notifyUrl: told.url });
    await house.request(house.instruction(key()));
    await house.reaches(key(), 'succeeded');
    const [form] = await until('Alipay tells of it', () => Promise.resolve(told.forms), {
      deadlineMs: 10_000,
      holds: (forms) => forms.length > 0,
    });
    const forged = { ...form, sign: 'AAAA' };
    const notifications = [forged, form ?? {}, forged].map((each) => ({ shopId, form: each }));
    const { stored } = await house.notifications.take({ notifications });
    expect(stored).toEqual([false, true, false]);
    const kept = await house.sql('SELECT FROM notification WHERE shop_id = $1', [shopId]);
    expect(kept).toHaveLength(1);
    told.close();
  });
});

function openOf(shopId: string): Promise<string[]> {
  return house
    .sql<{ state: string }>(
      `SELECT state FROM payout WHERE shop_id = $1
       AND state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')`,
      [shopId],
    )
    .then((rows) => rows.map(({ state }) => state));
}
