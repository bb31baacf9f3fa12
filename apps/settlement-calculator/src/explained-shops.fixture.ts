import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Explaining } from './explain.fixture.js';
import { Desk, maker, type PlanDocument } from './manual.fixture.js';
import { Sales, supplied } from './sales.fixture.js';

export const payeeIds = ['d-1', 'd-2', 's-1'];

export const rewarding = {
  ...supplied,
  commission: { levels: [{ rate: '0.30' }, { fixed: '2.00', rate: '0.10' }] },
  teamReward: {
    tiers: [
      { from: '0.00', rate: '0.01' },
      { from: '150.00', rate: '0.02', fixed: '1.00' },
    ],
    cycle: { every: 'day', at: '03:00' },
  },
} satisfies PlanDocument;

/** Shops in which much has happened, and the rooms that explain them. */
export class ExplainedShops {
  readonly desk: Desk;
  readonly sales: Sales;
  readonly explaining: Explaining;

  private constructor(readonly books: Books) {
    this.desk = new Desk(books);
    this.sales = new Sales(this.desk);
    this.explaining = new Explaining(books);
  }

  static async open(): Promise<ExplainedShops> {
    return new ExplainedShops(await Books.open(new Date('2026-01-01T10:00:00+08:00')));
  }

  close(): Promise<void> {
    return this.books.close();
  }

  async night(): Promise<void> {
    this.sales.night();
    await this.books.runDue();
    this.sales.morning();
    await this.books.runDue();
  }

  leads(shopId: string, payeeId: string, teamId: string): Promise<void> {
    const alipay = {
      identityType: 'ALIPAY_LOGON_ID',
      identity: `${payeeId}@x.test`,
      name: payeeId,
    };
    const data = { shopId, payeeId, name: payeeId, roles: ['team-leader'], teamId, alipay };
    return this.books.told(
      [data as EventData['payee-upserted']],
      'payee-upserted',
      (unit, events) => this.books.copies.keepPayees(unit, events),
    );
  }

  async entryIdOf(shopId: string, where: string): Promise<string> {
    const [row] = await this.books.database.query<{ entry_id: bigint }>(
      `SELECT entry_id FROM entry WHERE shop_id = $1 AND ${where} ORDER BY entry_id LIMIT 1`,
      [shopId],
    );
    return `en_${row?.entry_id}`;
  }

  async idBy(sql: string, shopId: string): Promise<string> {
    const [row] = await this.books.database.query<{ id: string }>(sql, [shopId]);
    return row?.id ?? '';
  }

  /** A shop in which everything has happened once: what is booked of it, and the differences. */
  async busyShop(name: string): Promise<string> {
    const shopId = await this.sales.newShop(name, payeeIds, rewarding);
    await this.leads(shopId, 'l-1', 't-1');
    const sell = (orderId: string): EventData['order-completed'] =>
      this.sales.order(shopId, { orderId, distributors: ['d-1', 'd-2'], teamId: 't-1' });
    await this.sales.sold(['o-1', 'o-2', 'o-3'].map(sell));
    await this.books.heard('order-refunded', [this.sales.refund(shopId, 'r-1', '33.33')]);
    await this.night();
    await this.desk.ended(shopId, 's-1', { status: 'failed', payeeFault: true });
    await this.books.heard('order-refunded', [
      this.sales.refund(shopId, 'r-2', '10.01'),
      this.sales.refund(shopId, 'r-3', '100.00', 'o-2'),
    ]);
    const at = this.books.clock.now().toISOString();
    await this.books.heard('order-refund-reversed', [
      { shopId, orderId: 'o-1', refundId: 'r-2', at },
    ]);
    const body = { payeeId: 'd-2', kind: 'commission', amount: '5.00', reason: 'a gift' } as const;
    await this.desk.run((unit) =>
      this.desk.adjustments.create(unit, { shopId, caller: maker, body, limit: this.desk.limit }),
    );
    await this.night();
    await this.sales.sold([sell('o-4')]);
    await this.night();
    return shopId;
  }
}
