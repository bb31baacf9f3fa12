import type { EventData, Topic } from '@qingfen/contracts';
import type { Books } from './books.fixture.js';
import type { Desk, PlanDocument } from './manual.fixture.js';

type Order = EventData['order-completed'];

const hourMs = 3_600_000;

/** The shop's own goods: 27.00 of 100.00 to the distributor, stated in the night after. */
export const ownGoods = {
  returnWindowDays: 0,
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }] },
} satisfies PlanDocument;

/** The same with a supplier, who gets 63.00 in the same night. */
export const supplied = {
  ...ownGoods,
  supplier: { delayDays: 0, cycle: { every: 'day', at: '02:00' } },
} satisfies PlanDocument;

/** Shops that live from morning to morning: what is sold at 10:00 is stated at 02:00 of the next day. */
export class Sales {
  private readonly books: Books;

  constructor(private readonly desk: Desk) {
    this.books = desk.books;
  }

  async newShop(
    name: string,
    payeeIds: readonly string[],
    plan: PlanDocument = ownGoods,
  ): Promise<string> {
    const shopId = await this.desk.newShop(name, { withPlan: false });
    await this.desk.publish(shopId, this.now(), { plan });
    await this.desk.payees(shopId, payeeIds);
    return shopId;
  }

  /** An order of 100.00 unless `change` says otherwise, paid and completed now. */
  order(shopId: string, change: Partial<Order> = {}): Order {
    return {
      shopId,
      orderId: 'o-1',
      currency: 'CNY',
      paidAt: this.now(),
      completedAt: this.now(),
      items: [{ itemId: '1', supplierId: 's-1', amount: '100.00' }],
      distributors: ['d-1'],
      ...change,
    };
  }

  /** One such order for each of these payees. */
  orderEach(shopId: string, payeeIds: readonly string[]): Order[] {
    return payeeIds.map((id) => this.order(shopId, { orderId: `o-${id}`, distributors: [id] }));
  }

  /** Completes orders whose return windows close at once. */
  async sold(orders: readonly Order[]): Promise<void> {
    await this.books.completed(orders);
    await this.windowsClosed(orders);
  }

  windowsClosed(orders: readonly Order[]): Promise<void> {
    return this.books.told(
      orders.map(({ shopId, orderId, completedAt }) => ({
        shopId,
        orderId,
        completedAt,
        closedAt: completedAt,
      })),
      'return-window-closed',
      (unit, events) => this.books.copies.keepEvidence(unit, events),
    );
  }

  refund(
    shopId: string,
    refundId: string,
    amount: string,
    orderId = 'o-1',
  ): EventData['order-refunded'] {
    return {
      shopId,
      orderId,
      refundId,
      refundedAt: this.now(),
      items: [{ itemId: '1', amount }],
    };
  }

  /** On to 02:00, when runs are due. */
  night(): void {
    this.move(16);
  }

  morning(): void {
    this.move(8);
  }

  /** On to the same hour of the next day. */
  nextDay(): void {
    this.move(24);
  }

  /** What was said of a shop on a topic and not relayed yet (nothing is, here), oldest first. */
  async said<T extends Topic>(topic: T, shopId: string): Promise<EventData[T][]> {
    const rows = await this.books.database.query<{ value: string }>(
      `SELECT coalesce(value_text, convert_from(value, 'UTF8')) AS value FROM outbox
        WHERE topic = $1 ORDER BY id`,
      [topic],
    );
    const said: EventData[T][] = rows.map(({ value }) => JSON.parse(value).data);
    return said.filter((data) => data.shopId === shopId);
  }

  /** The reasons of the dead letters of a topic, oldest first. */
  async refusals(topic: Topic): Promise<string[]> {
    const rows = await this.books.database.query<{ headers: string }>(
      `SELECT headers::text AS headers FROM outbox WHERE topic = $1 ORDER BY id`,
      [`${topic}.dlq`],
    );
    return rows.map(({ headers }) => headers);
  }

  private now(): string {
    return this.books.clock.now().toISOString();
  }

  private move(hours: number): void {
    const now = this.books.clock.now().getTime();
    this.books.clock.take(new Date(now + hours * hourMs));
  }
}
