import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  differenceSchema,
  type EventData,
  orderExportSchema,
  pageOf,
  type Difference,
  type OrderExport,
} from '@qingfen/contracts';
import type { Failpoint } from '@qingfen/failpoint';
import { type Answer, eventMessage, later, midnight, span, until } from '@qingfen/testing';

import { cascadePlan, FaultSystem, type Stage, type TestShop } from '../src/index.js';

type OrderData = EventData['order-completed'];

/** Where it dies, what who uploads is answered, and how many exports are kept by then. */
interface Place {
  readonly point: Failpoint;
  readonly answers: readonly (202 | 503)[];
  readonly kept: 0 | 1;
}

const places: readonly Place[] = [
  { point: 'export-rows-copied', answers: [503], kept: 0 },
  { point: 'export-kept', answers: [503], kept: 1 },
  // The worker looks by itself every second: it may be there before the answer is.
  { point: 'export-taken', answers: [202, 503], kept: 1 },
  { point: 'export-noted', answers: [202], kept: 1 },
  { point: 'export-finished', answers: [202], kept: 1 },
];
const header = 'orderId,currency,completedAt,amount,refunded';
/** More than are copied at once, or compared at once. */
const rightOrders = 1_100;
const deadlineMs = 90_000;

function line(
  { orderId, completedAt, items }: OrderData,
  { amount = items[0]?.amount ?? '', refunded = '0.00' } = {},
): string {
  return [orderId, 'CNY', completedAt, amount, refunded].join(',');
}

/** What the topics told and what the file has, and what is to be found between them. */
interface Sides {
  readonly lines: readonly string[];
  readonly expected: readonly string[];
}

/** A shop in a system of its own, and what its operator uploads. */
class Uploads {
  private constructor(
    readonly system: FaultSystem,
    private readonly shop: TestShop,
  ) {}

  static async open(): Promise<Uploads> {
    const system = await FaultSystem.start();
    const shop = await system.stage.newShop({ withoutAlipay: true });
    await shop.publishPlan(cascadePlan);
    return new Uploads(system, shop);
  }

  get stage(): Stage {
    return this.system.stage;
  }

  /** A day of orders, four of which the file has otherwise than the topics, or only one side has. */
  async liveDay(): Promise<Sides> {
    const { shop, stage } = this;
    const at = await stage.gateway.now();
    const order = (amount: string): OrderData => shop.orderData({ at, amount });
    const right = Array.from({ length: rightOrders }, () => order('10.00'));
    const [untold, vanished] = [order('20.00'), order('30.00')];
    const [dearer, refunded] = [order('50.00'), order('80.00')];
    await shop.publishOrders([...right, vanished, dearer, refunded]);
    const { shopId } = shop;
    const { orderId } = refunded;
    const items = [{ itemId: 'i-1', amount: '8.00' }];
    const refund = { shopId, orderId, refundId: 'r-1', refundedAt: at, items };
    await stage.upstream.publish([eventMessage('order-refunded', refund, { key: orderId })]);
    await stage.gateway.moveClock(later(midnight(at, 1), span.hours(12)));
    await stage.gateway.waitForIdle();
    const others = [line(untold), line(dearer, { amount: '50.01' }), line(refunded)];
    return {
      lines: [...right.map((one) => line(one)), ...others],
      expected: [
        `missing-here ${untold.orderId} 20.00 open`,
        `status-differs ${vanished.orderId} 30.00 open`,
        `amount-differs ${dearer.orderId} 0.01 open`,
        `amount-differs ${orderId} 8.00 open`,
      ],
    };
  }

  upload(day: string, lines: readonly string[]): Promise<Answer> {
    const [raw, headers] = [[header, ...lines].join('\n'), { 'content-type': 'text/csv' }];
    return this.stage.gateway.call('POST', `${this.path}?day=${day}`, { raw, headers });
  }

  /** Exports of a day, as soon as there is somebody to ask. */
  async exportsOf(day: string): Promise<readonly OrderExport[]> {
    const list = (): Promise<Answer> => this.stage.gateway.call('GET', this.path);
    const { body } = await until('exports to be listed', list, {
      deadlineMs,
      holds: ({ status }) => status === 200,
    });
    return pageOf(orderExportSchema)
      .parse(body)
      .items.filter(({ from }) => from.startsWith(day));
  }

  /** Rows of all exports of the shop, also of those that nobody lists. */
  async rowsKept(): Promise<number> {
    const [row] = await this.stage.query<{ count: string }>(
      'SELECT count(*) AS count FROM reconciliation.order_export_row WHERE shop_id = $1',
      [this.shop.shopId],
    );
    return Number(row?.count);
  }

  /** All differences of a day, whatever became of them. */
  async differencesOf(day: string): Promise<readonly Difference[]> {
    const path = `/shops/${this.shop.shopId}/differences`;
    const { items } = pageOf(differenceSchema).parse(
      (await this.stage.gateway.call('GET', path)).body,
    );
    return items.filter((one) => one.day === day);
  }

  /** The differences among these that an alert is of, once for each alert. */
  async alertsOf(differenceIds: readonly string[]): Promise<readonly string[]> {
    const alerts = await this.stage.gateway.alerts(this.shop.shopId);
    return alerts.map(({ subject }) => subject.id).filter((id) => differenceIds.includes(id));
  }

  private get path(): string {
    return `/shops/${this.shop.shopId}/reconciliations/order-exports`;
  }
}

/** Dies at each step from an upload to its report; what differs is found, and found once. */
describe('kill -9 of reconciliation while it keeps and compares an export of the order system', () => {
  let uploads: Uploads;
  beforeAll(async () => {
    uploads = await Uploads.open();
  });
  afterAll(() => uploads.system.stop());

  it.each(places)(
    'R-REC-2 F1 K19 O7 O8 finds each difference once, and the export is done: $point',
    async ({ point, answers, kept }) => {
      const { failpoints, stage } = uploads.system;
      const day = (await stage.gateway.now()).slice(0, 10);
      const { lines, expected } = await uploads.liveDay();
      const rowsBefore = await uploads.rowsKept();
      failpoints.arm(point);
      const { status } = await uploads.upload(day, lines);
      expect(answers).toContain(status);
      const hits = (): number => failpoints.hits(point).length;
      expect(await until(`a death at ${point}`, hits, { deadlineMs })).toBe(1);
      failpoints.disarm(point);
      expect(await uploads.exportsOf(day)).toHaveLength(kept);
      expect(await uploads.rowsKept()).toBe(rowsBefore + kept * lines.length);
      // Who was not answered uploads again.
      const again = status === 503 ? (await uploads.upload(day, lines)).status : status;
      expect(again).toBe(202);
      await stage.gateway.waitForIdle();
      const done = { state: 'done', rows: lines.length, problem: null };
      expect(await uploads.exportsOf(day)).toMatchObject([done]);
      expect(await uploads.rowsKept()).toBe(rowsBefore + lines.length);
      const found = await uploads.differencesOf(day);
      const told = found.map((one) => [one.class, one.subject.id, one.amount, one.state].join(' '));
      expect(told.sort()).toEqual([...expected].sort());
      const ids = found.map(({ differenceId }) => differenceId);
      const alerts = await until('an alert of each difference', () => uploads.alertsOf(ids), {
        deadlineMs,
        holds: (seen) => seen.length >= ids.length,
      });
      expect([...alerts].sort()).toEqual([...ids].sort());
      expect(hits()).toBe(1);
    },
  );
});
