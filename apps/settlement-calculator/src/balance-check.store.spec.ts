import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from './books.fixture.js';
import { balancesAt } from './ledger-balance.store.js';
import { livedShop, SealedBooks } from './sealed-shop.fixture.js';
import { WatchService } from './watch.service.js';

let books: Books;
let sealed: SealedBooks;
let watch: WatchService;
let shopId: string;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sealed = new SealedBooks(books);
  watch = new WatchService(books.database, books.units, sealed.verifier());
  shopId = await livedShop(sealed, 'watched');
});
afterAll(async () => {
  await books.close();
});

/** Alerts of the watch, raised and not over. */
async function alerts(): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT class || ' ' || subject_id AS row FROM alert
      WHERE shop_id = $1 AND state = 'raised' AND class IN ('account-differs', 'journal-differs')
      ORDER BY 1`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

const change = (sql: string): Promise<unknown> => books.database.query(sql);

describe('R-EVO-1 O1 the trial balance', () => {
  it('O1 is zero at every instant, and what was posted until then, with a snapshot and without', async () => {
    const postings = await books.database.query<{
      booked_at: Date;
      account: string;
      amount_minor: bigint;
    }>('SELECT booked_at, account, amount_minor FROM posting WHERE shop_id = $1', [shopId]);
    const instants = [...new Set(postings.map((row) => row.booked_at.getTime()))];
    expect(instants.length).toBeGreaterThan(3);
    const asked = instants.flatMap((ms) => [ms - 1, ms, ms + 3_600_000]).map((ms) => new Date(ms));
    for (const isFolded of [false, true]) {
      if (isFolded) await watch.look();
      for (const at of asked) {
        const expected = new Map<string, bigint>();
        for (const { booked_at: bookedAt, account, amount_minor: amount } of postings) {
          if (bookedAt > at) continue;
          expected.set(account, (expected.get(account) ?? 0n) + amount);
        }
        const found = await balancesAt(books.database, shopId, at);
        expect(new Map(found.map((row) => [row.account, row.debit - row.credit]))).toEqual(
          expected,
        );
        expect([...expected.values()].reduce((sum, one) => sum + one, 0n)).toBe(0n);
        const sides = found.map(({ debit, credit }) => debit - credit);
        expect(sides.reduce((sum, one) => sum + one, 0n)).toBe(0n);
      }
    }
  });
});

describe('R-EVO-1 O10 balances recomputed from facts', () => {
  it('O10 agree with what is kept, with and without the snapshot', async () => {
    expect(await watch.look()).toBe(shopId);
    expect(await alerts()).toEqual([]);
    const [snapshot] = await books.database.query<{
      folded: bigint;
      debit: bigint;
      credit: bigint;
    }>(
      `SELECT (SELECT folded_block FROM ledger_watch WHERE shop_id = $1) AS folded,
              sum(debit_minor)::bigint AS debit, sum(credit_minor)::bigint AS credit
         FROM account_balance WHERE shop_id = $1`,
      [shopId],
    );
    expect(snapshot?.folded).toBeGreaterThan(4n);
    expect(snapshot?.debit).toBe(snapshot?.credit);
    const [posted] = await books.database.query<{ debit: bigint }>(
      `SELECT sum(amount_minor) FILTER (WHERE amount_minor > 0)::bigint AS debit
         FROM posting WHERE shop_id = $1`,
      [shopId],
    );
    expect(snapshot?.debit).toBe(posted?.debit);
    expect(await watch.look()).toBe(shopId);
    expect(await alerts()).toEqual([]);
  });

  it('O10 agree while what has just been booked is sealed by nobody yet', async () => {
    await books.heard('order-refunded', [
      {
        shopId,
        orderId: 'o-3',
        refundId: 'r-late',
        refundedAt: books.clock.now().toISOString(),
        items: [{ itemId: '1', amount: '1.00' }],
      },
    ]);
    await watch.look();
    expect(await alerts()).toEqual([]);
    await sealed.seal(shopId);
    await watch.look();
    expect(await alerts()).toEqual([]);
  });

  it.each([
    [
      'what is unstated',
      `UPDATE unstated SET amount_minor = amount_minor + 1 WHERE (shop_id, entry_id) IN (
         SELECT shop_id, entry_id FROM unstated ORDER BY entry_id LIMIT 1)`,
      `UPDATE unstated SET amount_minor = amount_minor - 1 WHERE (shop_id, entry_id) IN (
         SELECT shop_id, entry_id FROM unstated ORDER BY entry_id LIMIT 1)`,
      /^account-differs CNY:payable:/,
    ],
    [
      'a payout',
      `UPDATE payout SET amount_minor = amount_minor + 1 WHERE payout_id = (
         SELECT payout_id FROM payout WHERE status IS NULL ORDER BY 1 LIMIT 1)`,
      `UPDATE payout SET amount_minor = amount_minor - 1 WHERE payout_id = (
         SELECT payout_id FROM payout WHERE status IS NULL ORDER BY 1 LIMIT 1)`,
      /^account-differs CNY:payout-in-transit$/,
    ],
    [
      'the snapshot',
      `UPDATE account_balance SET credit_minor = credit_minor + 1 WHERE account_no = (
         SELECT account_no FROM account WHERE name = 'revenue:platform-fee')`,
      `UPDATE account_balance SET credit_minor = credit_minor - 1 WHERE account_no = (
         SELECT account_no FROM account WHERE name = 'revenue:platform-fee')`,
      /^account-differs CNY:revenue:platform-fee$/,
    ],
    [
      'the snapshot where nothing else says what it must be',
      `UPDATE account_balance SET debit_minor = debit_minor + 1 WHERE account_no = (
         SELECT account_no FROM account WHERE name = 'clearing')`,
      `UPDATE account_balance SET debit_minor = debit_minor - 1 WHERE account_no = (
         SELECT account_no FROM account WHERE name = 'clearing')`,
      /^account-differs CNY:\*$/,
    ],
    [
      'a sealed entry',
      `UPDATE single_entry SET cause_id = 'x' || cause_id WHERE cause = 'refund'`,
      `UPDATE single_entry SET cause_id = substr(cause_id, 2) WHERE cause = 'refund'`,
      /^journal-differs watched/,
    ],
  ])(
    'O10 F28 tell somebody when %s was changed, until it is back',
    async (_, sql, back, raised) => {
      await change(sql);
      await watch.look();
      const found = await alerts();
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((one) => raised.test(one) || /^journal|:\*$/.test(one))).toBe(true);
      expect(found.some((one) => raised.test(one))).toBe(true);
      await change(back);
      await watch.look();
      await watch.look();
      expect(await alerts()).toEqual([]);
    },
  );
});
