import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import fc from 'fast-check';
import { outBizNoOf } from './out-biz-no.js';
import { live, livedThing, type LivedThing } from './lived-day.fixture.js';
import { ReconciliationHouse, yuan } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;

beforeAll(async () => {
  house = await ReconciliationHouse.open();
});
afterAll(() => house.close());

/** A day that nothing has happened on yet, an hour old; all scenes are lived one after the other. */
async function freshDay(): Promise<string> {
  const day = nextDay(beijingDay(house.clock.now()));
  await house.moveTo(new Date(+dayStart(day) + 3_600_000));
  return day;
}

async function told(shopId: string, state: 'open' | null = null): Promise<string[]> {
  const rows = await house.differences(shopId, state);
  return rows.map(
    ({ class: found, subjectId, amountMinor }) => `${found} ${subjectId} ${amountMinor}`,
  );
}

describe('O8 the power of a reconciliation, over a database', () => {
  it('R-REC-3 R-REC-4 O8 k discrepancies of every class are exactly those k, none are none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(livedThing, { maxLength: 14 }), async (things) => {
        const sides = await house.shop();
        const { shopId, alipay, ledger } = sides;
        const today = await freshDay();
        const expected = await live(house, sides, { day: today, things });
        await house.liveThroughBillOf(today);
        expect((await told(shopId)).sort()).toEqual(expected.sort());
        const row = await house.dayOf(shopId, today);
        expect(row).toMatchObject({ state: 'done', orders: BigInt(things.length) });
        // What the books have by value is what Alipay has, and what nobody explains is listed.
        expect(row.alipayMinor).toBe(things.length === 0 ? 0n : alipay.balanceAt(today));
        expect(row.ledgerMinor).toBe(row.alipayMinor);
        const open = await house.differences(shopId, 'open');
        expect(ledger.balanceOf('suspense')).toBe(
          -open.reduce((sum, { cashMinor }) => sum + cashMinor, 0n),
        );
        house.closeShop(shopId);
      }),
      { numRuns: 25 },
    );
  });

  it('R-REC-3 O8 of each class one is found, and none of a day without', async () => {
    const things = (some: readonly LivedThing['wrong'][]): LivedThing[] =>
      some.map((wrong, index) => ({
        fen: 1_000n,
        by: 3n,
        first: index % 2 === 0,
        end: 'succeeded',
        wrong,
      }));
    const sides = await house.shop();
    const fine = await freshDay();
    await live(house, sides, { day: fine, things: things([null, null, null]) });
    await house.liveThroughBillOf(fine);
    expect(await told(sides.shopId)).toEqual([]);
    const spoilt = await freshDay();
    const classes = [
      'missing-at-alipay',
      'missing-here',
      'unknown-transfer-out',
      'amount-differs',
    ] as const;
    const more = ['status-differs', 'duplicate', 'next-day', 'order-without-entries'] as const;
    const all = [...classes, ...more, 'entries-do-not-add-up'] as const;
    const expected = await live(house, sides, { day: spoilt, things: things(all) });
    await house.liveThroughBillOf(spoilt);
    const found = await house.differences(sides.shopId);
    expect(new Set(found.map((one) => one.class))).toEqual(new Set(all));
    expect((await told(sides.shopId)).sort()).toEqual(expected.sort());
  });

  it('R-REC-3 O8 lesson 42: what crossed a midnight clears by itself; what stays away becomes missing', async () => {
    const sides = await house.shop();
    const { shopId, alipay, ledger } = sides;
    const today = await freshDay();
    const cross = { fen: 500n, by: 1n, first: true, end: 'succeeded', wrong: 'next-day' } as const;
    await live(house, sides, { day: today, things: [cross, { ...cross, first: false }, cross] });
    await house.liveThroughBillOf(today);
    expect((await told(shopId, 'open')).map((one) => one.split(' ')[0])).toEqual(
      Array(3).fill('next-day'),
    );
    // The first comes with the next bill, the third never does.
    const number = outBizNoOf(shopId, `po_${today}-0`);
    const after = nextDay(today);
    alipay.move(new Date(+dayStart(after) + 60_000), -500n, { outNo: number });
    await house.liveThroughBillOf(after);
    const missing = `missing-at-alipay ${outBizNoOf(shopId, `po_${today}-2`)} 500`;
    expect(await told(shopId, 'open')).toEqual([missing]);
    const row = await house.dayOf(shopId, after);
    expect(row.ledgerMinor).toBe(alipay.balanceAt(after));
    expect(row.ledgerMinor).toBe(row.alipayMinor);
    expect(ledger.balanceOf('suspense')).toBe(-500n);
  });

  it('R-REC-3 an alert is raised for each difference once, and ends with it', async () => {
    const sides = await house.shop();
    const { shopId, alipay, ledger } = sides;
    const today = await freshDay();
    const late = { fen: 700n, by: 1n, first: false, end: null, wrong: 'status-differs' } as const;
    await live(house, sides, { day: today, things: [late] });
    await house.liveThroughBillOf(today);
    const alerts = async (): Promise<unknown[]> =>
      (await house.saidOn('alert-raised'))
        .filter((alert) => alert['shopId'] === shopId)
        .map((alert) => [alert['class'], alert['state'], alert['severity']]);
    const raised = ['reconciliation-difference', 'raised', 'warning'];
    expect(await alerts()).toEqual([raised]);
    await house.liveThroughBillOf(nextDay(today));
    expect(await alerts()).toEqual([raised]);
    // Alipay's answer comes at last: paid.
    const payoutId = `po_${today}-0`;
    const at = house.clock.now();
    ledger.pay(at, -700n);
    await house.tell('payout-result', {
      ...{ shopId, payoutId, statementId: `st_${today}-0`, payeeId: 'd-1', kind: 'commission' },
      ...{ status: 'succeeded', seq: 4, amount: '7.00', currency: 'CNY', at: at.toISOString() },
    });
    const after = nextDay(nextDay(today));
    await house.liveThroughBillOf(after);
    await house.liveThroughBillOf(nextDay(after));
    expect(await told(shopId, 'open')).toEqual([]);
    expect(await alerts()).toEqual([raised, ['reconciliation-difference', 'resolved', 'warning']]);
    expect(ledger.balanceOf('suspense')).toBe(0n);
    expect(yuan((await house.dayOf(shopId, after)).ledgerMinor)).toBe(
      yuan(alipay.balanceAt(after)),
    );
  });
});
