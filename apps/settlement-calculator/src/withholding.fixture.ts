import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Explaining } from './explain.fixture.js';
import { Desk, type PlanDocument } from './manual.fixture.js';
import { ownGoods, Sales } from './sales.fixture.js';
import { SealedBooks } from './sealed-shop.fixture.js';
import { WatchService } from './watch.service.js';

export type Withholding = NonNullable<EventData['shop-upserted']['withholding']>;

/** 劳务报酬 of commissions, month by month. */
export const labour: Withholding = {
  period: 'month',
  kinds: ['commission'],
  tiers: [
    { from: '0.00', rate: '0' },
    { from: '800.00', rate: '0.2' },
    { from: '4000.00', rate: '0.16' },
    { from: '25000.00', rate: '0.24' },
    { from: '62500.00', rate: '0.32' },
  ],
};

/** Shops that withhold tax, over books of their own; they live from morning to morning. */
export class TaxedBooks {
  readonly desk: Desk;
  readonly sales: Sales;
  readonly explaining: Explaining;
  readonly sealed: SealedBooks;
  private orders = 0;

  private constructor(readonly books: Books) {
    this.desk = new Desk(books);
    this.sales = new Sales(this.desk);
    this.explaining = new Explaining(books);
    this.sealed = new SealedBooks(books);
  }

  static async open(): Promise<TaxedBooks> {
    return new TaxedBooks(await Books.open(new Date('2026-01-05T10:00:00+08:00')));
  }

  async newShop(
    name: string,
    withholding: Withholding,
    {
      plan = ownGoods,
      transferMax = '50000.00',
    }: { plan?: PlanDocument; transferMax?: string } = {},
  ): Promise<string> {
    const shopId = await this.sales.newShop(name, ['d-1', 's-1'], plan);
    await this.desk.tellShop(shopId, { withholding, transferMax });
    return shopId;
  }

  /** Sells for so much, 27 % of it d-1's unless another is named, and executes the night's runs. */
  async sellAndState(
    shopId: string,
    amount: string,
    change: Partial<EventData['order-completed']> = {},
  ): Promise<void> {
    this.orders += 1;
    const order = this.sales.order(shopId, {
      orderId: `o-${this.orders}`,
      items: [{ itemId: '1', supplierId: 's-1', amount }],
      ...change,
    });
    await this.sales.sold([order]);
    await this.stateNow();
  }

  async stateNow(replicas = 1): Promise<void> {
    this.sales.night();
    if (replicas === 1) await this.books.runDue();
    else await this.books.runDueBy(replicas);
    this.sales.morning();
  }

  /** Payouts as `kind payee paid + withheld`, in the order in which they were asked for. */
  async asked(shopId: string): Promise<string[]> {
    const said = await this.sales.said('payout-requested', shopId);
    return said.map(
      ({ kind, payeeId, amount, withheld }) => `${kind} ${payeeId} ${amount} + ${withheld ?? '-'}`,
    );
  }

  /** What became of a payout that was asked for, the last one if none is named. */
  async ended(
    shopId: string,
    change: Partial<EventData['payout-result']>,
    place = -1,
  ): Promise<EventData['payout-requested']> {
    const payout = (await this.sales.said('payout-requested', shopId)).at(place);
    if (payout === undefined) throw new Error('nothing was asked for');
    const { payoutId, statementId, payeeId, kind, amount, currency } = payout;
    await this.desk.tell({
      ...{ shopId, payoutId, statementId, payeeId, kind, amount, currency },
      ...{ status: 'succeeded', seq: 2, at: this.books.clock.now().toISOString() },
      ...change,
    });
    return payout;
  }

  /** Alerts of the watch over the accounts, raised and not over. */
  async strays(shopId: string): Promise<string[]> {
    await this.sealed.seal(shopId);
    const { database, units } = this.books;
    const watch = new WatchService(database, units, this.sealed.verifier());
    const shops = await database.query('SELECT FROM ledger_tip');
    for (let count = 0; count < 2 * shops.length + 2; count += 1) await watch.look();
    const rows = await database.query<{ row: string }>(
      `SELECT class || ' ' || subject_id AS row FROM alert
        WHERE shop_id = $1 AND state = 'raised' AND class IN ('account-differs', 'journal-differs')
        ORDER BY 1`,
      [shopId],
    );
    return rows.map(({ row }) => row);
  }

  /** Whether the journal verifies, and every book is what the facts come to. */
  async proof(shopId: string): Promise<object> {
    await this.sealed.seal(shopId);
    const { firstBad } = await this.sealed.verifier().verify(shopId, 1);
    const { differences } = await this.explaining.replay(shopId, 100);
    const { sum, strays } = await this.desk.invariants(shopId);
    return { firstBad, differences, sum, strays, alerts: await this.strays(shopId) };
  }
}

/** What {@link TaxedBooks.proof} answers when all is well. */
export const proven = { firstBad: null, differences: [], sum: 0n, strays: [], alerts: [] };
