import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beijingDay, billReadyAt, dayStart, nextDay } from '@qingfen/core-reconciliation';
import { billBytes, lastBill } from './bill.store.js';
import { outBizNoOf } from './out-biz-no.js';
import { ReconciliationHouse, type Sides } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;

beforeAll(async () => {
  house = await ReconciliationHouse.open();
});
afterAll(() => house.close());

async function freshDay(): Promise<string> {
  const day = nextDay(beijingDay(house.clock.now()));
  await house.moveTo(new Date(+dayStart(day) + 3_600_000));
  return day;
}

const noonOf = (day: string): Date => new Date(+dayStart(day) + 12 * 3_600_000);
const minutesAfterBill = (day: string, minutes: number): Date =>
  new Date(+billReadyAt(day) + minutes * 60_000);

/** A shop with one buyer's payment on a fresh day. */
async function scene(): Promise<Sides & { readonly day: string }> {
  const sides = await house.shop();
  const day = await freshDay();
  sides.alipay.move(noonOf(day), 5_000n, { kind: '在线支付', outNo: 'T1' });
  return { ...sides, day };
}

describe('the bill of a day', () => {
  it('R-REC-4 is kept byte for byte, with its SHA-256', async () => {
    const { shopId, alipay, day } = await scene();
    await house.liveThroughBillOf(day);
    const bill = await lastBill(house.database, { shopId, day }, 'any');
    const given = alipay.fileOf(day);
    expect(bill?.sha256).toBe(createHash('sha256').update(given).digest('hex'));
    expect((await billBytes(house.database, { shopId, day }, 1)).equals(given)).toBe(true);
  });

  it('R-REC-4 F25 the same file again is no second one; a newer one is, and only what is new is booked', async () => {
    const { shopId, alipay, ledger, day } = await scene();
    await house.liveThroughBillOf(day);
    expect(ledger.balanceOf('clearing')).toBe(-5_000n);
    expect(await house.bills.fetch({ shopId, day })).toEqual({ kind: 'there' });
    // A row came late: Alipay gives another file of the day.
    alipay.move(noonOf(day), -1_200n, { kind: '交易退款', outNo: 'T1' });
    await house.bills.fetch({ shopId, day });
    await house.again(shopId, day);
    expect((await lastBill(house.database, { shopId, day }, 'any'))?.version).toBe(2);
    expect(ledger.balanceOf('clearing')).toBe(-3_800n);
    const row = await house.dayOf(shopId, day);
    expect(row).toMatchObject({ billLines: 2n, ledgerMinor: 1_003_800n, alipayMinor: 1_003_800n });
    expect(await house.differences(shopId)).toEqual([]);
  });

  it.each([
    ['cut', (file: Buffer) => file.subarray(0, file.length / 2), 'truncated'],
    ['no bill', () => Buffer.from('<html>'), 'not-a-zip'],
  ])(
    'F25 R-REC-3 a file that is %s is kept, told of, and nothing is made of it',
    async (_, spoil, problem) => {
      const { shopId, alipay, ledger, day } = await scene();
      alipay.instead.set(day, spoil(alipay.fileOf(day)));
      await house.liveThroughBillOf(day);
      const row = await house.dayOf(shopId, day);
      expect(row).toMatchObject({ state: 'due', tries: 1 });
      expect(row.waitsFor).toContain(problem);
      expect((await lastBill(house.database, { shopId, day }, 'any'))?.problem).toBe(problem);
      expect([ledger.balanceOf('clearing'), await house.differences(shopId)]).toEqual([0n, []]);
      expect(await house.nextDueAt()).toEqual(minutesAfterBill(day, 15));
      // Alipay gives the right one at the next try.
      alipay.instead.delete(day);
      await house.moveTo(minutesAfterBill(day, 15));
      expect(await house.dayOf(shopId, day)).toMatchObject({ state: 'done', billLines: 1n });
      const alerts = await house.saidOn('alert-raised');
      const ours = alerts.filter((alert) => alert['shopId'] === shopId);
      expect(ours.map((alert) => [alert['class'], alert['state']])).toEqual([
        ['bill-unreadable', 'raised'],
        ['bill-unreadable', 'resolved'],
      ]);
      house.closeShop(shopId);
    },
  );

  it('F25 R-REC-3 one that is late is asked for again on business time; after two hours somebody is told', async () => {
    const { shopId, alipay, day } = await scene();
    alipay.instead.set(day, { status: 409, code: 'bill-not-ready' });
    await house.liveThroughBillOf(day);
    const told = async (): Promise<number> =>
      (await house.saidOn('alert-raised')).filter((one) => one['shopId'] === shopId).length;
    for (const minutes of [15, 45]) await house.moveTo(minutesAfterBill(day, minutes));
    expect(await told()).toBe(0);
    await house.moveTo(minutesAfterBill(day, 105));
    expect(await told()).toBe(1);
    expect(await house.dayOf(shopId, day)).toMatchObject({ state: 'due', tries: 4 });
    alipay.instead.delete(day);
    await house.moveTo(minutesAfterBill(day, 225));
    expect(await house.dayOf(shopId, day)).toMatchObject({ state: 'done' });
    expect(await told()).toBe(2);
    house.closeShop(shopId);
  });

  it('R-REC-4 a day without a movement ends as it began', async () => {
    const { shopId, alipay, day } = await scene();
    await house.liveThroughBillOf(day);
    const quiet = nextDay(day);
    await house.liveThroughBillOf(quiet);
    alipay.instead.set(nextDay(quiet), { status: 204, code: '' });
    await house.liveThroughBillOf(nextDay(quiet));
    for (const one of [quiet, nextDay(quiet)]) {
      const row = await house.dayOf(shopId, one);
      expect(row).toMatchObject({ state: 'done', billLines: 0n, alipayMinor: 1_005_000n });
      expect(row.ledgerMinor).toBe(row.alipayMinor);
    }
  });

  it('R-REC-4 O8 a bill without lines is still compared: with the ledger, and with what was told', async () => {
    const { shopId, ledger, day } = await scene();
    await house.liveThroughBillOf(day);
    const [moved, paid] = [nextDay(day), nextDay(nextDay(day))];
    ledger.pay(noonOf(moved), -300n); // which nobody told of, and Alipay neither
    await house.liveThroughBillOf(moved);
    const row = await house.dayOf(shopId, moved);
    expect([row.state, row.alipayMinor - row.ledgerMinor]).toEqual(['done', 300n]);
    expect(await house.differences(shopId)).toEqual([]);
    await house.tell('payout-result', {
      ...{ shopId, payoutId: 'po_1', statementId: 'st_1', payeeId: 'd-1', kind: 'commission' },
      ...{ status: 'succeeded', seq: 3, amount: '1.00', currency: 'CNY' },
      at: noonOf(paid).toISOString(),
    });
    await house.liveThroughBillOf(nextDay(paid));
    const found = (await house.differences(shopId)).map((one) => one.class);
    expect(found).toContain('missing-at-alipay');
    house.closeShop(shopId);
  });

  it('R-REC-4 days that were slept through are caught up, each with its own bill', async () => {
    const { shopId, alipay, day } = await scene();
    await house.liveThroughBillOf(day);
    const days = [day, nextDay(day), nextDay(nextDay(day)), nextDay(nextDay(nextDay(day)))];
    for (const one of days.slice(1)) alipay.move(noonOf(one), -100n, { kind: '收费' });
    await house.liveThroughBillOf(days.at(-1) ?? '');
    for (const one of days.slice(1)) {
      const row = await house.dayOf(shopId, one);
      expect(row).toMatchObject({ state: 'done', alipayMinor: alipay.balanceAt(one) });
      expect(row.ledgerMinor).toBe(row.alipayMinor);
    }
  });

  it('R-REC-4 a later day that lacked a bill agrees once the missing one is there', async () => {
    const { shopId, alipay, day } = await scene();
    await house.liveThroughBillOf(day);
    const [missing, later] = [nextDay(day), nextDay(nextDay(day))];
    alipay.instead.set(missing, { status: 409, code: 'bill-not-ready' });
    for (const one of [missing, later]) alipay.move(noonOf(one), 700n, { kind: '在线支付' });
    await house.liveThroughBillOf(later);
    const lacking = await house.dayOf(shopId, later);
    expect(lacking.alipayMinor - lacking.ledgerMinor).toBe(700n);
    alipay.instead.delete(missing);
    await house.again(shopId, missing);
    for (const one of [missing, later]) {
      const row = await house.dayOf(shopId, one);
      expect(row.ledgerMinor).toBe(alipay.balanceAt(one));
    }
    const balance = (await house.saidOn('alert-raised')).filter(
      (one) => one['class'] === 'balance-differs' && one['shopId'] === shopId,
    );
    expect(balance.map((one) => one['state'])).toEqual(['raised', 'resolved']);
  });

  it('R-REC-4 what stood on the account before its first bill is its opening; an older bill moves it', async () => {
    const { shopId, alipay, ledger, day } = await scene();
    const before = beijingDay(new Date(+dayStart(day) - 1));
    alipay.move(noonOf(before), -300n, { kind: '提现' });
    await house.liveThroughBillOf(day);
    expect(ledger.balanceOf('owner')).toBe(-999_700n);
    await house.again(shopId, before);
    expect(ledger.balanceOf('owner')).toBe(-1_000_000n + 300n);
    for (const one of [before, day]) {
      expect((await house.dayOf(shopId, one)).ledgerMinor).toBe(alipay.balanceAt(one));
    }
  });
});

describe('what reconciliation hears', () => {
  it('R-REC-3 an end before its request, twice, out of order and overtaken, is one payout', async () => {
    const { shopId, alipay, ledger, day } = await scene();
    const at = noonOf(day).toISOString();
    const facts = {
      shopId,
      payeeId: 'd-1',
      kind: 'commission',
      currency: 'CNY',
      amount: '1.00',
    } as const;
    const names = (name: string) => ({ payoutId: `po_${name}`, statementId: `st_${name}` });
    for (const name of ['a', 'b']) {
      const numbered = { ...facts, ...names(name) };
      const returned = { ...numbered, status: 'returned', seq: 5, at } as const;
      const succeeded = { ...numbered, status: 'succeeded', seq: 3, at } as const;
      // Of b nobody hears that it had succeeded, until it is over.
      const ends = name === 'a' ? [succeeded, returned, succeeded] : [returned, succeeded];
      await house.tell('payout-result', ...ends);
      await house.tell('statement-issued', {
        ...{ ...facts, ...names(name), period: 'p', net: '1.00', entryCount: 1 },
        ...{ cutoff: at, issuedAt: at },
      });
      const asked = { part: 1, parts: 1, payVia: 'transfer', requestedAt: at, remark: '' } as const;
      await house.tell('payout-requested', { ...numbered, ...asked }, { ...numbered, ...asked });
      ledger.pay(noonOf(day), 0n);
      alipay.move(noonOf(day), -100n, { outNo: outBizNoOf(shopId, `po_${name}`) });
      alipay.move(noonOf(day), 100n, { outNo: outBizNoOf(shopId, `po_${name}`) });
    }
    await house.liveThroughBillOf(day);
    expect(await house.differences(shopId)).toEqual([]);
  });

  it('R-REC-2 a difference of an order that only one side has heard of yet is not told', async () => {
    const { shopId, ledger, day } = await scene();
    const at = noonOf(day).toISOString();
    await house.tell('order-completed', {
      ...{ shopId, orderId: 'o-1', currency: 'CNY', paidAt: at, completedAt: at, distributors: [] },
      items: [{ itemId: 'i-1', supplierId: 's-1', amount: '1.00' }],
    });
    let asked = 0;
    house.onAsked = () => {
      asked += 1;
      if (asked === 2) {
        ledger.orders.set('o-1', {
          state: 'settling',
          entriesMinor: 100n,
          keepsRest: false,
          entryCount: 1,
        });
      }
      return Promise.resolve();
    };
    await house.liveThroughBillOf(day);
    house.onAsked = () => Promise.resolve();
    expect(asked).toBe(2);
    expect(await house.differences(shopId)).toEqual([]);
  });
});
