import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  entryExplainedSchema,
  payoutExplainedSchema,
  statementExplainedSchema,
} from '@qingfen/contracts';
import { statementFields } from './entry-fact.js';
import { factText } from './journal.store.js';
import { maker, refusal } from './manual.fixture.js';
import { unfinishedRuns } from './run.store.js';
import { ownGoods, supplied } from './sales.fixture.js';
import { labour, proven, TaxedBooks, type Withholding } from './withholding.fixture.js';

let taxed: TaxedBooks;
beforeAll(async () => {
  taxed = await TaxedBooks.open();
});
afterAll(async () => {
  await taxed.books.close();
});

const tax = async (shopId: string): Promise<string> =>
  (await taxed.desk.ledger(shopId))['payable:tax'] ?? 'none';

/** Until a transaction waits for a lock that another one has; not for ever. */
async function somebodyWaits(): Promise<void> {
  for (let asked = 0; asked < 2_000; asked += 1) {
    const waiting = await taxed.books.database.query(
      `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted`,
    );
    if (waiting.length > 0) return;
  }
}

describe('R-TAX-1 a shop that withholds tax', () => {
  it('R-TAX-1 O1 O10 states gross, tax and net, and withholds of the second statement what the month adds', async () => {
    const shopId = await taxed.newShop('months', labour, { plan: supplied });
    await taxed.sellAndState(shopId, '10000.00');
    expect(await taxed.asked(shopId)).toEqual([
      'commission d-1 2320.00 + 380.00',
      'supplier s-1 6300.00 + -',
    ]);
    const said = await taxed.sales.said('statement-issued', shopId);
    const sums = said.map(({ kind, gross, withheld, net }) => [kind, gross, withheld, net]);
    expect(sums).toEqual([
      ['commission', '2700.00', '380.00', '2320.00'],
      ['supplier', undefined, undefined, '6300.00'],
    ]);
    expect(await taxed.desk.ledger(shopId)).toMatchObject({
      'payable:tax': '-38000',
      'payout-in-transit': '-862000',
    });
    // The tax on 5,400.00 is 640.00 + 16 % of 1,400.00; 380.00 of it is withheld.
    await taxed.sellAndState(shopId, '10000.00');
    expect((await taxed.asked(shopId)).slice(2)).toContain('commission d-1 2216.00 + 484.00');
    expect(await tax(shopId)).toBe('-86400');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 R-FAI-1 F1 a payout that failed gives back its gross, and the next statement withholds anew', async () => {
    const shopId = await taxed.newShop('failed', labour);
    await taxed.sellAndState(shopId, '10000.00');
    await taxed.ended(shopId, { status: 'cancelled' });
    expect(await taxed.desk.open(shopId)).toEqual(['commission d-1 270000']);
    expect(await tax(shopId)).toBe('none');
    await taxed.sellAndState(shopId, '10000.00');
    // 5,400.00 at once: nothing of the month stands before it.
    expect((await taxed.asked(shopId)).slice(1)).toEqual(['commission d-1 4536.00 + 864.00']);
    await taxed.ended(shopId, {});
    await taxed.sellAndState(shopId, '100.00');
    expect((await taxed.asked(shopId)).at(-1)).toBe('commission d-1 22.68 + 4.32');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 a payout that came back after the month gives its tax back, and the new month begins at nothing', async () => {
    const shopId = await taxed.newShop('returned', labour);
    await taxed.sellAndState(shopId, '10000.00');
    await taxed.ended(shopId, {});
    while (taxed.books.clock.now() < new Date('2026-02-01T00:00:00+08:00')) taxed.sales.nextDay();
    await taxed.ended(shopId, { status: 'returned', seq: 3 });
    expect(await tax(shopId)).toBe('none');
    expect(await taxed.desk.open(shopId)).toEqual(['commission d-1 270000']);
    await taxed.stateNow();
    expect((await taxed.asked(shopId)).at(-1)).toBe('commission d-1 2320.00 + 380.00');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 R-OPS-2 retried by hand, the give-back is withheld from in its statement', async () => {
    const shopId = await taxed.newShop('retried', labour);
    await taxed.sellAndState(shopId, '10000.00');
    const { payoutId } = await taxed.ended(shopId, { status: 'cancelled' });
    const act = { shopId, payoutId, caller: maker, reason: 'again' };
    const statement = await taxed.desk.run((unit) => taxed.desk.restatements.restate(unit, act));
    expect([statement.netMinor, statement.withheldMinor]).toEqual([232_000n, 38_000n]);
    expect(await taxed.asked(shopId)).toHaveLength(2);
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 every part gives back its own share of the tax', async () => {
    const shopId = await taxed.newShop('parts', labour, { transferMax: '1000.00' });
    await taxed.sellAndState(shopId, '10000.00');
    // 380.00 on 2,320.00: 163.79, 163.79 and what is left of it.
    expect(await taxed.asked(shopId)).toEqual([
      'commission d-1 1000.00 + 163.79',
      'commission d-1 1000.00 + 163.79',
      'commission d-1 320.00 + 52.42',
    ]);
    await taxed.ended(shopId, { status: 'cancelled' }, 1);
    await taxed.ended(shopId, {}, 0);
    expect(await taxed.desk.open(shopId)).toEqual(['commission d-1 116379']);
    expect(await tax(shopId)).toBe('-21621');
    expect(await taxed.proof(shopId)).toEqual(proven);
    await taxed.stateNow();
    // 1,163.79 again, on top of 1,536.21 that stand with 216.21.
    const last = (await taxed.asked(shopId)).slice(3);
    expect(last).toEqual(['commission d-1 1000.00 + 163.79']);
    expect(await tax(shopId)).toBe('-38000');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 R-ALI-3 what a refund takes back of a split gives back its part of the tax', async () => {
    const plan = { ...ownGoods, commission: { ...ownGoods.commission, payVia: 'royalty' } };
    const shopId = await taxed.newShop('split', labour, { plan });
    await taxed.sellAndState(shopId, '10000.00', { alipayTradeNo: 't1' });
    expect(await taxed.asked(shopId)).toEqual(['commission d-1 2320.00 + 380.00']);
    await taxed.ended(shopId, {});
    await taxed.ended(shopId, { seq: 3, returnedAmount: '1160.00' });
    expect(await tax(shopId)).toBe('-19000');
    expect(await taxed.desk.open(shopId)).toEqual(['commission d-1 135000']);
    await taxed.ended(shopId, { seq: 4, status: 'returned', returnedAmount: '2320.00' });
    expect(await tax(shopId)).toBe('none');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });
});

describe('R-TAX-1 of what and whom it is withheld', () => {
  it('R-TAX-1 what tax leaves below the minimum waits, and why-unpaid says so', async () => {
    const nearlyAll: Withholding = { ...labour, tiers: [{ from: '0', rate: '0.99' }] };
    const shopId = await taxed.newShop('minimum', nearlyAll);
    await taxed.sellAndState(shopId, '20.00'); // 5.40, of which 0.05 would be left
    expect(await taxed.asked(shopId)).toEqual([]);
    expect(await taxed.desk.open(shopId)).toEqual(['commission d-1 540']);
    const { kinds } = await taxed.explaining.why(shopId, 'd-1');
    expect(kinds).toMatchObject([
      {
        nextAmount: '5.40',
        nextWithheld: '5.35',
        willBePaid: false,
        obstacles: [
          {
            reason: 'below-minimum',
            message: expect.stringContaining('5.40 CNY, less 5.35 CNY of tax, is 0.05 CNY below'),
            messageZh: expect.stringContaining('5.40 CNY (代扣税 5.35 CNY) 比最低付款额'),
          },
        ],
      },
    ]);
    await taxed.sellAndState(shopId, '20.00');
    expect(await taxed.asked(shopId)).toEqual(['commission d-1 0.11 + 10.69']);
    const all = await taxed.newShop('all', { ...labour, tiers: [{ from: '0', rate: '1' }] });
    await taxed.sellAndState(all, '10000.00');
    expect(await taxed.desk.stated(all)).toEqual([]);
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 of persons and of those nobody said it of; an enterprise pays its own', async () => {
    const shopId = await taxed.newShop('types', labour);
    const distributors = ['d-1', 'd-2', 'd-3'];
    await taxed.desk.payees(shopId, ['d-2'], 'x', 'Personal');
    await taxed.desk.payees(shopId, ['d-3'], 'x', 'ENTERPRISE');
    for (const [index, payeeId] of distributors.entries()) {
      const order = taxed.sales.order(shopId, {
        orderId: `o-of-${index}`,
        distributors: [payeeId],
        items: [{ itemId: '1', supplierId: 's-1', amount: '10000.00' }],
      });
      await taxed.sales.sold([order]);
    }
    await taxed.stateNow();
    expect((await taxed.asked(shopId)).sort()).toEqual([
      'commission d-1 2320.00 + 380.00',
      'commission d-2 2320.00 + 380.00',
      'commission d-3 2700.00 + -',
    ]);
    const said = await taxed.sales.said('statement-issued', shopId);
    expect(said.map(({ gross }) => gross).sort()).toEqual(['2700.00', '2700.00', undefined]);
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 kinds add up, whichever replica states them', async () => {
    const both: Withholding = { ...labour, kinds: ['commission', 'supplier'] };
    const shopId = await taxed.newShop('kinds', both, { plan: supplied });
    const order = taxed.sales.order(shopId, {
      orderId: 'o-both',
      items: [{ itemId: '1', supplierId: 'd-1', amount: '10000.00' }],
    });
    await taxed.sales.sold([order]);
    await taxed.stateNow(3);
    // 2,700.00 and 6,300.00, in whichever order: the tax on 9,000.00.
    expect(await tax(shopId)).toBe('-144000');
    expect(await taxed.desk.stated(shopId)).toHaveLength(2);
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 what a run and a retry of another kind state at once, the second counts with the first', async () => {
    const { books, desk, sales } = taxed;
    const both: Withholding = { ...labour, kinds: ['commission', 'supplier'] };
    const shopId = await taxed.newShop('at-once', both, { plan: supplied });
    const items = [{ itemId: '1', supplierId: 'd-1', amount: '10000.00' }];
    await taxed.sellAndState(shopId, '10000.00', { items });
    const said = await sales.said('payout-requested', shopId);
    const place = said.findIndex(({ kind }) => kind === 'supplier');
    const { payoutId } = await taxed.ended(shopId, { status: 'cancelled' }, place);
    await sales.sold([
      sales.order(shopId, {
        orderId: 'o-next',
        items: [{ itemId: '1', supplierId: 's-1', amount: '10000.00' }],
      }),
    ]);
    sales.night();
    await books.planDue();
    const due = await unfinishedRuns(books.database, 100);
    const run = due.find(({ shop_id: id }) => id === shopId);
    if (run?.kind !== 'commission') throw new Error('commissions are due');
    await desk.run((unit) => books.runs.begin(unit, run, false));
    const act = { shopId, payoutId, caller: maker, reason: 'again' };
    let retried: Promise<unknown> | undefined;
    await desk.run(async (unit) => {
      await books.runs.chunk(unit, run);
      retried = desk.run((other) => desk.restatements.restate(other, act));
      await Promise.race([retried, somebodyWaits()]);
    });
    await retried;
    // 2,700.00, 2,700.00 and 6,300.00 are stated: 640.00 and 16 % of 7,700.00.
    expect(await tax(shopId)).toBe('-187200');
    await books.runDue();
    sales.morning();
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 from when it is switched on, on all that the month has stated, until it is switched off', async () => {
    const shopId = await taxed.newShop('switched', labour);
    await taxed.desk.tellShop(shopId);
    await taxed.sellAndState(shopId, '10000.00');
    await taxed.desk.tellShop(shopId, { withholding: labour });
    await taxed.sellAndState(shopId, '10000.00');
    await taxed.desk.tellShop(shopId);
    await taxed.sellAndState(shopId, '10000.00');
    expect(await taxed.asked(shopId)).toEqual([
      'commission d-1 2700.00 + -',
      'commission d-1 1836.00 + 864.00',
      'commission d-1 2700.00 + -',
    ]);
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 O6 a shop that withholds nothing has the books that it always had', async () => {
    const shopId = await taxed.sales.newShop('plain', ['d-1']);
    await taxed.sellAndState(shopId, '10000.00');
    expect(Object.keys(await taxed.desk.ledger(shopId)).sort()).toEqual([
      'owner',
      'payout-in-transit',
      'revenue:own-goods',
      'revenue:platform-fee',
    ]);
    const requested = await taxed.sales.said('payout-requested', shopId);
    expect(requested.map(({ gross, withheld }) => [gross, withheld])).toEqual([
      [undefined, undefined],
    ]);
    const fields = {
      statementId: 'st_1',
      payeeId: 'd-1',
      period: 'p',
      netMinor: 5n,
      entryCount: 1,
    };
    const text = factText(statementFields({ ...fields, withheldMinor: 0n, withholding: null }));
    expect(text).toBe('["statement","st_1","d-1","p","5",1]');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });
});

describe('R-TAX-1 R-EXP-1 what was withheld, and why', () => {
  it('R-TAX-1 R-EXP-1 a statement, its payout and its entries tell the tiers and the sum before, in both languages', async () => {
    const shopId = await taxed.newShop('told', labour);
    await taxed.sellAndState(shopId, '10000.00');
    await taxed.sellAndState(shopId, '10000.00');
    const last = (await taxed.sales.said('payout-requested', shopId)).at(-1);
    if (last === undefined) throw new Error('a payout was asked for');
    const told = statementExplainedSchema.parse(
      await taxed.explaining.statement(shopId, last.statementId),
    );
    expect(told).toMatchObject({
      agrees: true,
      net: '2216.00',
      withholding: {
        ...{ gross: '2700.00', withheld: '484.00', before: '2700.00', withheldBefore: '380.00' },
        ...{ due: '864.00', period: 'month', tiers: labour.tiers },
        message: expect.stringContaining('The tax on 5400.00 is 864.00 (0% from 0.00 on, 20% from'),
        messageZh: expect.stringContaining('累计 5400.00 应扣 864.00 (0.00 起 0%, 800.00 起 20%'),
      },
    });
    const payout = payoutExplainedSchema.parse(
      await taxed.explaining.payout(shopId, last.payoutId),
    );
    expect(payout.booked).toMatchObject({ amount: '2216.00', withheld: '484.00' });
    expect(payout.statement.withholding).toEqual(told.withholding);
    const entryId = told.entries[0]?.entry.entryId ?? '';
    const entry = entryExplainedSchema.parse(await taxed.explaining.entry(shopId, entryId));
    expect(entry.withholding).toEqual(told.withholding);
  });

  it.each([
    ['the tax of a statement', `UPDATE statement SET withheld_minor = withheld_minor + 1`],
    [
      'by what it was decided',
      `UPDATE statement SET withholding = replace(withholding, '0.2', '0.3')`,
    ],
    ['the tax of a payout', `UPDATE payout SET withheld_minor = withheld_minor + 1`],
  ])('R-TAX-1 O6 %s cannot be changed unseen', async (_, sql) => {
    const shopId = await taxed.newShop('tampered', labour);
    await taxed.sellAndState(shopId, '10000.00');
    await taxed.sealed.seal(shopId);
    const found = await taxed.sealed.foundAfter(shopId, `${sql} WHERE shop_id = '${shopId}'`);
    expect(found).not.toBeNull();
  });

  it('R-TAX-1 O10 tax that stands is what payable:tax says, or there is an alert', async () => {
    const shopId = await taxed.newShop('watched', labour);
    await taxed.sellAndState(shopId, '10000.00');
    expect(await taxed.strays(shopId)).toEqual([]);
    const change = (by: string): Promise<unknown> =>
      taxed.books.database.query(
        `UPDATE payout SET withheld_back_minor = withheld_back_minor ${by} WHERE shop_id = $1`,
        [shopId],
      );
    await change('+ 1');
    expect(await taxed.strays(shopId)).toEqual(['account-differs CNY:payable:tax']);
    await change('- 1');
    expect(await taxed.strays(shopId)).toEqual([]);
  });
});

describe('R-TAX-1 what tax takes whole', () => {
  it('R-TAX-1 R-OPS-2 a give-back of which nothing would be left is not retried', async () => {
    const shopId = await taxed.newShop('nothing-left', labour);
    await taxed.sellAndState(shopId, '100.00');
    const { payoutId } = await taxed.ended(shopId, { status: 'cancelled' });
    const withholding: Withholding = { ...labour, tiers: [{ from: '0', rate: '1' }] };
    await taxed.desk.tellShop(shopId, { withholding });
    const act = { shopId, payoutId, caller: maker, reason: 'again' };
    const retried = taxed.desk.run((unit) => taxed.desk.restatements.restate(unit, act));
    expect(await refusal(retried)).toBe('409 nothing-to-pay');
    expect(await taxed.desk.open(shopId)).toEqual(['commission d-1 2700']);
  });
});
