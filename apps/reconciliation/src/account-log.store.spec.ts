import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import fc from 'fast-check';
import { closeDifference } from './difference.store.js';
import { outBizNoOf } from './out-biz-no.js';
import { ReconciliationHouse, yuan, type Sides } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;

beforeAll(async () => {
  house = await ReconciliationHouse.open();
});
afterAll(() => house.close());

const hourOf = (day: string, hour: number): Date => new Date(+dayStart(day) + hour * 3_600_000);

/** A shop on a day that nothing has happened on, after the bill of the day before. */
async function scene(): Promise<Sides & { readonly day: string }> {
  const day = nextDay(beijingDay(house.clock.now()));
  await house.moveTo(hourOf(day, 10));
  return { ...(await house.shop()), day };
}

async function told(shopId: string, state: 'open' | null = null): Promise<string[]> {
  const rows = await house.differences(shopId, state);
  return rows
    .map(({ class: found, subjectId, amountMinor }) => `${found} ${subjectId} ${amountMinor}`)
    .sort();
}

/** A payout that was asked for and has left; whether it ended well is told where `isEnded`. */
async function pay(
  { shopId, alipay, ledger }: Sides,
  of: {
    readonly payoutId: string;
    readonly fen: bigint;
    readonly leftMinor: bigint;
    readonly at: Date;
    readonly isEnded: boolean;
  },
): Promise<string> {
  const { payoutId, fen, leftMinor, at, isEnded } = of;
  const statementId = `st_${payoutId}`;
  const kept = { shopId, payeeId: 'd-1', kind: 'commission', currency: 'CNY' } as const;
  const when = at.toISOString();
  await house.tell('statement-issued', {
    ...{ ...kept, statementId, period: 'p', cutoff: when, issuedAt: when, entryCount: 1 },
    net: yuan(fen),
  });
  const facts = { ...kept, payoutId, statementId, amount: yuan(fen) };
  await house.tell('payout-requested', {
    ...{ ...facts, part: 1, parts: 1, payVia: 'transfer', requestedAt: when, remark: '' },
  });
  const outNo = outBizNoOf(shopId, payoutId);
  alipay.move(at, -leftMinor, { outNo });
  if (isEnded) {
    ledger.pay(at, -fen);
    await house.tell('payout-result', { ...facts, status: 'succeeded', seq: 3, at: when });
  }
  return outNo;
}

const wrongs = ['by-hand', 'unknown-number', 'other-amount'] as const;
const moved = fc.record({
  fen: fc.bigInt({ min: 20n, max: 5_000_000n }),
  isEnded: fc.boolean(),
  wrong: fc.option(fc.constantFrom(...wrongs), { nil: null, freq: 3 }),
});
type Moved = typeof moved extends fc.Arbitrary<infer T> ? T : never;

/** Lives one movement of a day. @returns what must be told of it */
async function live(
  sides: Sides & { readonly day: string },
  index: number,
  { fen, isEnded, wrong }: Moved,
): Promise<string | null> {
  const { shopId, alipay, day } = sides;
  const at = hourOf(day, 9);
  const payoutId = `po_${day}-${index}`;
  alipay.move(at, fen * 9n, { kind: '在线支付' });
  alipay.move(at, -1n, { kind: '收费' });
  if (wrong === 'by-hand') return `unknown-transfer-out ${alipay.move(at, -fen)} ${fen}`;
  if (wrong === 'unknown-number') {
    const outNo = outBizNoOf(shopId, `lost-${payoutId}`);
    alipay.move(at, -fen, { outNo });
    return `missing-here ${outNo} ${fen}`;
  }
  const isOther = wrong === 'other-amount';
  const leftMinor = isOther ? fen + 3n : fen;
  // What left with another amount has ended here as far as we know.
  const ended = { isEnded: isEnded || isOther };
  const outNo = await pay(sides, { payoutId, fen, leftMinor, at, ...ended });
  return isOther ? `amount-differs ${outNo} 3` : null;
}

/** Payouts that had not ended when the log was looked at end before the bill comes. */
async function endAll(
  sides: Sides & { readonly day: string },
  lived: readonly Moved[],
): Promise<void> {
  const { shopId, ledger, day } = sides;
  const at = hourOf(day, 9);
  for (const [index, { fen, isEnded, wrong }] of lived.entries()) {
    if (isEnded || wrong !== null) continue;
    const payoutId = `po_${day}-${index}`;
    ledger.pay(at, -fen);
    await house.tell('payout-result', {
      ...{ shopId, payoutId, statementId: `st_${payoutId}`, payeeId: 'd-1', kind: 'commission' },
      ...{ status: 'succeeded', seq: 3, at: at.toISOString(), amount: yuan(fen), currency: 'CNY' },
    });
  }
}

describe('O8 the account log of the day, before its bill', () => {
  it('R-REC-3 R-REC-4 O8 k movements that nobody here knows are exactly those k, once, and the bill confirms them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moved, { maxLength: 8 }), async (movements) => {
        const sides = await scene();
        const { shopId, alipay, ledger, day } = sides;
        const expected: string[] = [];
        for (const [index, one] of movements.entries()) {
          const found = await live(sides, index, one);
          if (found !== null) expected.push(found);
        }
        const look = await house.log.look(shopId);
        expect(look).toMatchObject({ kind: 'looked', found: expected.length });
        expect(await told(shopId)).toEqual(expected.sort());
        // The hour after has nothing new; what was found stays one difference each.
        await house.moveTo(hourOf(day, 11));
        await house.log.look(shopId);
        expect(await told(shopId)).toEqual(expected);
        await endAll(sides, movements);
        await house.liveThroughBillOf(day);
        expect(await told(shopId)).toEqual(expected);
        expect(await told(shopId, 'open')).toEqual(expected);
        const row = await house.dayOf(shopId, day);
        expect(row.ledgerMinor).toBe(row.alipayMinor);
        const open = await house.differences(shopId, 'open');
        expect(ledger.balanceOf('suspense')).toBe(
          -open.reduce((sum, { cashMinor }) => sum + cashMinor, 0n),
        );
        expect(row.alipayMinor).toBe(movements.length === 0 ? 0n : alipay.balanceAt(day));
        house.closeShop(shopId);
      }),
      { numRuns: 15 },
    );
  });

  it('R-REC-3 what the bill does not have after all clears by itself, and yesterday’s bill decides nothing', async () => {
    const sides = await scene();
    const { shopId, alipay, ledger, day } = sides;
    await house.moveTo(hourOf(nextDay(day), 1));
    const today = nextDay(day);
    const [stays, goes] = [
      alipay.move(hourOf(today, 0.5), -500n),
      alipay.move(hourOf(today, 0.5), -70n),
    ];
    alipay.notBilled.add(goes);
    await house.log.look(shopId);
    const both = [`unknown-transfer-out ${stays} 500`, `unknown-transfer-out ${goes} 70`].sort();
    expect(await told(shopId, 'open')).toEqual(both);
    await house.liveThroughBillOf(day);
    expect(await told(shopId, 'open')).toEqual(both);
    await house.liveThroughBillOf(today);
    expect(await told(shopId, 'open')).toEqual([`unknown-transfer-out ${stays} 500`]);
    expect(await told(shopId)).toEqual(both);
    expect(ledger.balanceOf('suspense')).toBe(500n);
    expect((await house.dayOf(shopId, today)).ledgerMinor).toBe(alipay.balanceAt(today));
    const alerts = (await house.saidOn('alert-raised')).filter((one) => one['shopId'] === shopId);
    expect(alerts.map(({ state }) => state)).toEqual(['raised', 'raised', 'resolved']);
    expect(alerts[0]?.['message']).toMatch(/^Account log of/);
    house.closeShop(shopId);
  });

  it('R-REC-3 what two people have explained before the bill stays explained with it', async () => {
    const { shopId, alipay, ledger, day } = await scene();
    alipay.move(hourOf(day, 9), -500n);
    await house.log.look(shopId);
    const [found] = await house.differences(shopId, 'open');
    const { differenceId = '' } = found ?? {};
    const by = { by: 'u-1', approvedBy: 'u-2', reason: '奖金', at: house.clock.now() };
    await house.units.run(({ tx }) =>
      closeDifference(tx, shopId, { differenceId, as: 'explained', ...by }),
    );
    await house.liveThroughBillOf(day);
    expect((await house.differences(shopId)).map(({ state }) => state)).toEqual(['explained']);
    expect([ledger.balanceOf('suspense'), ledger.balanceOf('owner')]).toEqual([
      0n,
      -1_000_000n + 500n,
    ]);
    house.closeShop(shopId);
  });

  it('R-REC-4 a busy account is read piece by piece, and what was read before is not all that is read', async () => {
    const { shopId, alipay, day } = await scene();
    const minuteOf = (hour: number, minute: number): Date =>
      new Date(+hourOf(day, hour) + minute * 60_000);
    for (let minute = 0; minute < 40; minute += 1) {
      alipay.move(minuteOf(6, minute), 100n, { kind: '在线支付' });
      // More than are read at once, in the ten minutes that are read twice.
      alipay.move(new Date(+minuteOf(9, 52) + minute * 10_000), 100n, { kind: '在线支付' });
    }
    alipay.logLinesMax = 30;
    const first = alipay.move(hourOf(day, 9), -77n);
    expect(await house.log.look(shopId)).toMatchObject({ kind: 'looked', lines: 81, found: 1 });
    const second = alipay.move(minuteOf(10, 1), -78n);
    await house.moveTo(minuteOf(10, 10));
    expect(await house.log.look(shopId)).toMatchObject({ kind: 'looked', lines: 1, found: 1 });
    const expected = [first, second].map(
      (logNo, index) => `unknown-transfer-out ${logNo} ${77 + index}`,
    );
    expect(await told(shopId)).toEqual(expected.sort());
    alipay.logLinesMax = -1;
    await house.moveTo(hourOf(day, 12));
    expect(await house.log.look(shopId)).toMatchObject({ kind: 'refused' });
    house.closeShop(shopId);
  });

  it('R-REC-4 each shop is looked at once an hour, whoever of several looks', async () => {
    const { shopId, alipay, day } = await scene();
    alipay.move(hourOf(day, 9), -500n);
    const rounds = [house.logWorker.round(), house.logWorker.round()];
    expect((await Promise.all(rounds)).filter(Boolean)).toHaveLength(1);
    expect(await told(shopId)).toHaveLength(1);
    alipay.move(new Date(+hourOf(day, 10) + 60_000), -600n);
    await house.moveTo(new Date(+hourOf(day, 10) + 50 * 60_000));
    expect(await house.logWorker.round()).toBe(false);
    expect(await told(shopId)).toHaveLength(1);
    await house.moveTo(hourOf(day, 11));
    expect(await house.logWorker.round()).toBe(true);
    expect(await told(shopId)).toHaveLength(2);
    house.closeShop(shopId);
  });
});
