import { Inject, Injectable } from '@nestjs/common';
import type { BookedOrders } from '@qingfen/contracts';
import { compareOrder, type BookedOrder, type Finding } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { ServiceClient } from '@qingfen/hosting';
import { parseSignedAmount } from '@qingfen/money';
import type { ShopDay } from './bill.store.js';
import { Heard } from './heard.js';
import { ordersToldOn, toldOrders } from './order-side.store.js';
import { TooMany } from './too-many.js';

/** What the comparison of orders came to. */
export interface OrdersCompared {
  readonly findings: readonly (Finding & { readonly currency: string })[];
  readonly orders: number;
  readonly entries: number;
}

const pageSize = 1_000;
const askingMs = 20_000;
/** Both sides hear of an order by themselves: what differs is looked at again before it is told. */
const looksMax = 3;

/** Orders as the order system told them, against what settlement-calculator owes for them. */
@Injectable()
export class OrderSide {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(Heard) private readonly heard: Pick<Heard, 'everything'>,
  ) {}

  /** Compares orders of which something was told on the day, and these. */
  compare(of: ShopDay, open: readonly string[], limit: number): Promise<OrdersCompared> {
    return this.comparePages(of.shopId, this.toldOn(of), { open, limit });
  }

  /**
   * Compares orders as their ids come, at most 1,000 at a time, and behind them those that are open.
   * @throws TooMany where more than `limit` differ
   */
  async comparePages(
    shopId: string,
    pages: AsyncIterable<readonly string[]>,
    { open, limit }: { readonly open: readonly string[]; readonly limit: number },
  ): Promise<OrdersCompared> {
    const findings: OrdersCompared['findings'][number][] = [];
    const counts = { orders: 0, entries: 0 };
    const wanted = new Set(open);
    const lookAt = async (orderIds: readonly string[]): Promise<void> => {
      const page = await this.confirmed(shopId, orderIds);
      findings.push(...page.findings);
      counts.orders += page.orders;
      counts.entries += page.entries;
      if (findings.length > limit) throw new TooMany('orders', limit);
    };
    for await (const page of pages) {
      for (const orderId of page) wanted.delete(orderId);
      await lookAt(page);
    }
    const others = [...wanted];
    for (let at = 0; at < others.length; at += pageSize) {
      await lookAt(others.slice(at, at + pageSize));
    }
    return { findings, ...counts };
  }

  private async *toldOn(of: ShopDay): AsyncGenerator<readonly string[]> {
    for (let after = '', isMore = true; isMore;) {
      const page = await ordersToldOn(this.database, of, { after, limit: pageSize });
      if (page.length > 0) yield page;
      isMore = page.length === pageSize;
      after = page.at(-1) ?? '';
    }
  }

  private async confirmed(shopId: string, orderIds: readonly string[]): Promise<OrdersCompared> {
    const first = await this.look(shopId, orderIds);
    let { findings } = first;
    for (let looks = 1; looks < looksMax && findings.length > 0; looks += 1) {
      if (!(await this.heard.everything())) break;
      const again = await this.look(
        shopId,
        findings.map(({ subject }) => subject.id),
      );
      findings = again.findings;
    }
    return { ...first, findings };
  }

  private async look(shopId: string, orderIds: readonly string[]): Promise<OrdersCompared> {
    const told = await toldOrders(this.database, { shopId, orderIds });
    const booked = await this.ask(
      shopId,
      told.map(({ orderId }) => orderId),
    );
    const findings = told.flatMap((order) => {
      const finding = compareOrder(order, booked.orders.get(order.orderId) ?? null);
      return finding === null ? [] : [{ ...finding, currency: order.currency }];
    });
    return { findings, orders: told.length, entries: booked.entryCount };
  }

  private async ask(
    shopId: string,
    orderIds: readonly string[],
  ): Promise<{ readonly orders: ReadonlyMap<string, BookedOrder>; readonly entryCount: number }> {
    if (orderIds.length === 0) return { orders: new Map(), entryCount: 0 };
    const { status, body } = await this.client.request<BookedOrders>({
      service: 'settlement-calculator',
      method: 'POST',
      path: `/internal/shops/${encodeURIComponent(shopId)}/booked-orders`,
      body: { orderIds },
      timeoutMs: askingMs,
    });
    if (status !== 200) throw new Error(`settlement-calculator answered ${status} for orders`);
    const orders = body.items.map(
      ({ orderId, state, currency, entries, keepsRest }) =>
        [
          orderId,
          { state, entriesMinor: parseSignedAmount(entries, currency), keepsRest },
        ] as const,
    );
    const entryCount = body.items.reduce((sum, one) => sum + one.entryCount, 0);
    return { orders: new Map(orders), entryCount };
  }
}
