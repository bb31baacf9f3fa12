import { formatInstant } from '@qingfen/calendar';
import type { OrderExportQuery } from '@qingfen/contracts';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import type { Caller } from '@qingfen/security';
import fc from 'fast-check';
import { listExports, type OrderExportState } from './order-export.store.js';
import { ReconciliationHouse, yuan, type Sides } from './reconciliation-house.fixture.js';

export const caller: Caller = {
  issuer: 'gateway',
  subject: 'wang',
  roles: [{ role: 'operator', shopId: '*' }],
  requestId: 'r-1',
};
export const hour = 3_600_000;

/** An order as it is told, or stands in the file. */
export interface Figures {
  readonly paid: bigint;
  readonly subsidy: bigint;
  readonly refunded: bigint;
}

export interface Scene extends Sides {
  readonly day: string;
  readonly noon: Date;
}

export const header = 'orderId,currency,paidAt,completedAt,amount,subsidy,refunded';

export const wrongs = [
  'missing-here',
  'status-differs',
  'amount-differs',
  'refund-differs',
  'both-differ',
  'order-without-entries',
  'entries-do-not-add-up',
] as const;

export const exported = fc.record({
  paid: fc.bigInt({ min: 100n, max: 5_000_000n }),
  subsidy: fc.bigInt({ min: 0n, max: 99n }),
  refunded: fc.bigInt({ min: 0n, max: 90n }),
  by: fc.bigInt({ min: 1n, max: 9n }),
  wrong: fc.option(fc.constantFrom(...wrongs), { nil: null, freq: 2 }),
});
export type Exported = typeof exported extends fc.Arbitrary<infer T> ? T : never;

export function line(
  { noon }: Scene,
  orderId: string,
  { paid, subsidy, refunded }: Figures,
): string {
  const at = formatInstant(noon, 'Asia/Shanghai');
  return `${orderId},CNY,${at},${at},${yuan(paid)},${yuan(subsidy)},${yuan(refunded)}`;
}

/** Shops, orders and their exports in a house, as specs live through them. */
export class OrderExports {
  constructor(public house: ReconciliationHouse) {}

  /** A shop and a day of which nothing has been told; now is the next day's noon. */
  async scene(): Promise<Scene> {
    const sides = await this.house.shop();
    // Without credentials no bill of it is looked for.
    this.house.closeShop(sides.shopId);
    const day = nextDay(beijingDay(this.house.clock.now()));
    await this.house.moveTo(new Date(+dayStart(nextDay(day)) + 12 * hour));
    return { ...sides, day, noon: new Date(+dayStart(day) + 12 * hour) };
  }

  /** Tells an order and its refund, and has the books owe what is left of it. */
  async tell(at: Scene, orderId: string, figures: Figures): Promise<void> {
    const { shopId, ledger, noon } = at;
    const when = noon.toISOString();
    const { paid, subsidy, refunded } = figures;
    await this.house.tell('order-completed', {
      ...{ shopId, orderId, currency: 'CNY', paidAt: when, completedAt: when, distributors: [] },
      items: [{ itemId: 'i-1', supplierId: 's-1', amount: yuan(paid), subsidy: yuan(subsidy) }],
    });
    if (refunded > 0n) await this.refund(at, orderId, refunded);
    const entriesMinor = paid + subsidy - refunded;
    ledger.orders.set(orderId, {
      state: 'settling',
      keepsRest: false,
      entryCount: 3,
      entriesMinor,
    });
  }

  async refund(
    { shopId, noon }: Scene,
    orderId: string,
    fen: bigint,
    at: Date = noon,
  ): Promise<void> {
    await this.house.tell('order-refunded', {
      ...{ shopId, orderId, refundId: `r-${at.getTime()}`, refundedAt: at.toISOString() },
      items: [{ itemId: 'i-1', amount: yuan(fen) }],
    });
  }

  upload(
    { shopId, day }: Scene,
    lines: readonly string[],
    query: OrderExportQuery = { day },
  ): Promise<OrderExportState> {
    const bytes = Buffer.from([header, ...lines].join('\n'));
    return this.house.exports.upload({ shopId, bytes, query, caller });
  }

  /** Uploads and waits until it is compared. */
  async compared(
    at: Scene,
    lines: readonly string[],
    query?: OrderExportQuery,
  ): Promise<OrderExportState> {
    const { exportId } = await this.upload(at, lines, query);
    this.house.exportWorker.wake();
    await this.house.rests();
    const all = await listExports(this.house.database, at.shopId, { after: null, limit: 500 });
    const row = all.find((one) => one.exportId === exportId);
    if (row === undefined) throw new Error('the export was kept');
    return row;
  }

  async differences(shopId: string, state: 'open' | null = 'open'): Promise<string[]> {
    const rows = await this.house.differences(shopId, state);
    return rows.map((one) => `${one.comparison} ${one.class} ${one.subjectId} ${one.amountMinor}`);
  }

  async alerts(shopId: string): Promise<unknown[]> {
    const said = await this.house.saidOn('alert-raised');
    return said
      .filter((alert) => alert['shopId'] === shopId)
      .map(
        ({ class: name, state, severity }) =>
          `${String(name)} ${String(state)} ${String(severity)}`,
      );
  }

  /** Lets a test live in a house of its own. */
  async inHouseOf(
    settings: Readonly<Record<string, number>>,
    live: () => Promise<void>,
  ): Promise<void> {
    const common = this.house;
    this.house = await ReconciliationHouse.open(settings);
    try {
      await live();
    } finally {
      await this.house.close();
      this.house = common;
    }
  }

  /** Tells it and writes its line, and spoils what is to be wrong; what must be told of it, if anything. */
  async live(
    at: Scene,
    orderId: string,
    { wrong, by, ...figures }: Exported,
  ): Promise<{ readonly lines: readonly string[]; readonly expected: readonly string[] }> {
    const left = figures.paid + figures.subsidy - figures.refunded;
    const row = (of: Figures): readonly string[] => [line(at, orderId, of)];
    if (wrong === 'missing-here') {
      return { lines: row(figures), expected: [`exports ${wrong} ${orderId} ${left}`] };
    }
    await this.tell(at, orderId, figures);
    const { paid, refunded } = figures;
    const ledger = at.ledger.orders.get(orderId);
    switch (wrong) {
      case null:
        return { lines: row(figures), expected: [] };
      case 'status-differs':
        return { lines: [], expected: [`exports ${wrong} ${orderId} ${left}`] };
      case 'amount-differs':
        return {
          lines: row({ ...figures, paid: paid + by }),
          expected: [`exports amount-differs ${orderId} ${by}`],
        };
      case 'refund-differs':
        return {
          lines: row({ ...figures, refunded: refunded + by }),
          expected: [`exports amount-differs ${orderId} ${-by}`],
        };
      case 'both-differ':
        return {
          lines: row({ ...figures, paid: paid + by, refunded: refunded + by }),
          expected: [`exports amount-differs ${orderId} ${by}`],
        };
      case 'order-without-entries':
        at.ledger.orders.delete(orderId);
        return { lines: row(figures), expected: [`orders ${wrong} ${orderId} ${left}`] };
      case 'entries-do-not-add-up':
        if (ledger === undefined) throw new Error('it was told');
        at.ledger.orders.set(orderId, { ...ledger, entriesMinor: ledger.entriesMinor + by });
        return { lines: row(figures), expected: [`orders ${wrong} ${orderId} ${by}`] };
      default: {
        const never: never = wrong;
        return never;
      }
    }
  }
}
