import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled } from './payout-house.fixture.js';
import type { PayoutKey } from './payout.store.js';
import { until } from './sandbox.fixture.js';

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
}, 60_000);

afterAll(async () => {
  await house.close();
});

describe('what the database itself refuses', () => {
  const key = { shopId: 'guarded', payoutId: 'po_1' };

  beforeAll(async () => {
    await house.request(house.instruction(key));
    await house.sql(`UPDATE payout SET state = 'cancelled', seq = 1 WHERE shop_id = 'guarded'`);
    await house.sql(
      `INSERT INTO payout_transition (shop_id, payout_id, seq, from_state, to_state, at, why, by)
       VALUES ('guarded', 'po_1', 1, 'requested', 'cancelled', now(), 'spec', 'spec')`,
    );
  });

  it.each([
    [`UPDATE payout SET amount_minor = 9 WHERE shop_id = 'guarded'`, /never changed/],
    [`UPDATE payout SET out_biz_no = 'QF${'0'.repeat(30)}' WHERE shop_id = 'guarded'`, /never/],
    [`UPDATE payout SET state = 'requested', seq = 2 WHERE shop_id = 'guarded'`, /final/],
    [`DELETE FROM payout WHERE shop_id = 'guarded'`, /only ever appended/],
    [`UPDATE payout_transition SET why = 'x' WHERE shop_id = 'guarded'`, /only ever appended/],
    [`DELETE FROM payout_transition WHERE shop_id = 'guarded'`, /only ever appended/],
    [
      `INSERT INTO payout_transition (shop_id, payout_id, seq, from_state, to_state, at, why, by)
       VALUES ('guarded', 'po_1', 2, 'unknown', 'cancelled', now(), 'spec', 'spec')`,
      /legal_move/,
    ],
  ])('R-SEC-3 %s', async (sql, why) => {
    await expect(house.sql(sql)).rejects.toThrow(why);
  });

  const insert = (amountMinor: number, outBizNo: string): Promise<unknown> =>
    house.sql(
      `INSERT INTO payout (shop_id, payout_id, statement_id, part, parts, payee_id, kind,
         amount_minor, currency, pay_via, remark, requested_at, out_biz_no, correlation_id,
         changed_at)
       VALUES ('other', 'po_9', 'st', 1, 1, 'p', 'supplier', $1, 'CNY', 'transfer', '', now(), $2,
         'c', now())`,
      [amountMinor, outBizNo],
    );

  it('R-FAI-1 lesson 2: a second payout under one number', async () => {
    await expect(insert(1, outBizNoOf(key))).rejects.toThrow(/one_number/);
  });

  it.each([0, -1])('R-FAI-1 lesson 10: a payout of %i fen', async (amountMinor) => {
    const unused = outBizNoOf({ shopId: 'other', payoutId: 'po_9' });
    await expect(insert(amountMinor, unused)).rejects.toThrow(/amount_minor_check/);
  });
});

describe('four eyes', () => {
  const review = async (name: string, makers?: string[]): Promise<PayoutKey> => {
    const key = { shopId: 'eyes', payoutId: `po_${name}` };
    const more = makers === undefined ? {} : { makers };
    await house.request(house.instruction(key, { payeeId: 'p-1', ...more }));
    await house.sql(
      `UPDATE payout SET state = 'review', reason = 'debt: owes', seq = 1 WHERE payout_id = $1`,
      [key.payoutId],
    );
    return key;
  };
  const approve = (key: PayoutKey, who: string): Promise<void> => {
    const order = { key, act: 'approve', reason: 'fine', caller: userCalled(who) } as const;
    return house.payouts.act(order);
  };
  /** As a program would that has forgotten to ask. */
  const force = (key: PayoutKey, who: string): Promise<unknown> =>
    house.sql(
      `INSERT INTO payout_transition (shop_id, payout_id, seq, from_state, to_state, at, why, by)
       VALUES ($1, $2, 2, 'review', 'requested', now(), 'approved', $3)`,
      [key.shopId, key.payoutId, who],
    );

  it('R-SEC-4 who caused a payout does not approve it, whatever the program says', async () => {
    const key = await review('made', ['mia', 'max']);
    for (const who of ['mia', 'max']) {
      await expect(approve(key, who)).rejects.toThrow('maker-may-not-approve');
      await expect(force(key, who)).rejects.toThrow('a maker of a payout does not approve it');
    }
    await expect(
      house.sql(`UPDATE payout SET makers = '{max}' WHERE payout_id = $1`, [key.payoutId]),
    ).rejects.toThrow('a maker of a payout stays one');
    await approve(key, 'ann');
    expect(await house.movesOf(key)).toEqual(['review → requested']);
  });

  it('R-SEC-4 nor does who changed the account by hand, until somebody else changes it', async () => {
    const key = await review('moved');
    await house.payee('eyes', 'p-1', '张三', 'mia');
    await expect(approve(key, 'mia')).rejects.toThrow('maker-may-not-approve');
    await expect(force(key, 'mia')).rejects.toThrow('a maker of a payout does not approve it');
    expect(await house.shownMakers(key)).toEqual(['mia']);
    // Told again as it is, the account is still the one that mia has put.
    await house.payee('eyes', 'p-1', '张三', 'max');
    expect(await house.shownMakers(key)).toEqual(['mia']);
    const alipay = { identityType: 'ALIPAY_LOGON_ID' as const, identity: 'z@x.test', name: '张三' };
    const upstream = { shopId: 'eyes', payeeId: 'p-1', name: 'p', roles: ['supplier' as const] };
    await house.told('payee-upserted', [{ ...upstream, alipay }], null);
    expect(await house.shownMakers(key)).toEqual([]);
    await approve(key, 'mia');
    expect(await house.movesOf(key)).toEqual(['review → requested']);
  });
});

describe('payees as they are told', () => {
  const told = (name: string) => ({
    shopId: 'told',
    payeeId: 'p-1',
    name,
    roles: ['supplier' as const],
  });
  const nameNow = async (): Promise<string | undefined> => {
    const rows = await house.sql<{ name: string }>(`SELECT name FROM payee WHERE shop_id = 'told'`);
    return rows[0]?.name;
  };

  it('the latest time wins, of equal ones the later message', async () => {
    await house.told('payee-upserted', [told('first'), told('second')], null);
    expect(await nameNow()).toBe('second');
    await house.told('payee-upserted', [told('third')], 'payout');
    expect(await nameNow()).toBe('third');
    await house.told('payee-upserted', [told('forged')], 'order');
    expect(await nameNow()).toBe('third');
  });
});

describe('a gateway that cannot be reached', () => {
  it('R-FAI-1 leaves payouts requested: nothing was sent, nothing is unknown', async () => {
    const key = { shopId: 'alone', payoutId: 'po_1' };
    await house.shop('alone');
    await house.payee('alone', 'd-1');
    await house.stopSandbox();
    await house.startWorker();
    await house.request(house.instruction(key));
    const looks = await until(
      'several looks have been taken',
      async () => ({ state: await house.stateOf(key), moves: await house.movesOf(key) }),
      { deadlineMs: 20_000, holds: takesLooks(10) },
    );
    expect(looks).toEqual({ state: 'requested', moves: [] });
    const order = { key, act: 'cancel', reason: 'spec', caller: userCalled('o') } as const;
    await house.payouts.act(order);
    expect(await house.stateOf(key)).toBe('cancelled');
  });
});

/** Holds at the n-th question. */
function takesLooks(count: number): () => boolean {
  let left = count;
  return () => {
    left -= 1;
    return left <= 0;
  };
}
