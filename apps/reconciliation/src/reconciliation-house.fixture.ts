import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { VirtualClock } from '@qingfen/clock';
import {
  buildEvent,
  type BillBookingsBody,
  type BookedOrdersRequest,
  type EventData,
  type Topic,
} from '@qingfen/contracts';
import { billReadyAt } from '@qingfen/core-reconciliation';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import {
  migrationsOf,
  StatusBoard,
  type ServiceAnswer,
  type ServiceRequest,
} from '@qingfen/hosting';
import { Units, type IncomingEvent, type Unit } from '@qingfen/messaging';
import { MessageSigner } from '@qingfen/security';
import { createLogger, WorkCounter } from '@qingfen/telemetry';
import { AccountLogService } from './account-log.service.js';
import { AccountLogWorker } from './account-log.worker.js';
import { BillService } from './bill.service.js';
import { BookingService } from './booking.service.js';
import { ComparisonService } from './comparison.service.js';
import { DayService } from './day.service.js';
import { findDay, makeDue, type DayRow } from './day.store.js';
import { DifferenceService } from './difference.service.js';
import { listDifferences, type DifferenceRow } from './difference.store.js';
import { reconciliationService } from './index.js';
import { OrderExportComparison } from './order-export-comparison.js';
import { OrderExportLook } from './order-export-look.js';
import { OrderExportService } from './order-export.service.js';
import { OrderExportWorker } from './order-export.worker.js';
import { OrderSide } from './order-side.js';
import { AlipaySide, LedgerSide, yuan } from './reconciliation-sides.fixture.js';
import { ReconciliationWorker } from './reconciliation.worker.js';
import { ToldService } from './told.service.js';
import { TradeSide } from './trade-side.js';

export { yuan } from './reconciliation-sides.fixture.js';

/** The rooms of reconciliation over a real database; the other services are played here. */
export class ReconciliationHouse {
  readonly database: Database;
  readonly clock = new VirtualClock(new Date('2026-01-05T10:00:00+08:00'));
  readonly units: Units;
  readonly told = new ToldService(new OrderExportLook(new DifferenceService()));
  readonly exports: OrderExportService;
  readonly exportWorker: OrderExportWorker;
  readonly bills: BillService;
  readonly bookings: BookingService;
  readonly trades: TradeSide;
  readonly log: AccountLogService;
  readonly logWorker: AccountLogWorker;
  readonly alipay = new Map<string, AlipaySide>();
  readonly ledgers = new Map<string, LedgerSide>();
  readonly worker: ReconciliationWorker;
  /** Called before the ledger answers for orders: both sides hear by themselves. */
  onAsked: () => Promise<void> = () => Promise.resolve();
  private readonly board = new StatusBoard();
  private shopCount = 0;

  private constructor(
    private readonly scratch: ScratchDatabase,
    settings: Readonly<Record<string, number>>,
  ) {
    const { database } = scratch;
    this.database = database;
    const { privateKey } = generateKeyPairSync('ed25519');
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signer = new MessageSigner({ keyId: 'k-1', privateKeyPem });
    this.units = new Units({ database, service: 'reconciliation', signer, clock: this.clock });
    const count = (name: string, otherwise: number): number => settings[name] ?? otherwise;
    const env = { count, instance: randomUUID() };
    const logger = createLogger({ service: 'reconciliation', level: 'fatal' });
    const client = {
      request: <T>(call: ServiceRequest) => this.answer<T>(call),
      download: <T>(call: ServiceRequest) => Promise.resolve(this.billOf<T>(call)),
    };
    const heard = { everything: () => Promise.resolve(true) };
    this.bills = new BillService(env, client, this.units);
    this.bookings = new BookingService(database, client);
    this.trades = new TradeSide(env, database);
    const orders = new OrderSide(database, client, heard);
    const differences = new DifferenceService();
    const comparison = new OrderExportComparison(
      env,
      database,
      this.units,
      heard,
      orders,
      differences,
      logger,
    );
    const work = new WorkCounter();
    this.exports = new OrderExportService(env, this.units);
    this.exportWorker = new OrderExportWorker(
      env,
      database,
      this.units,
      this.board,
      work,
      comparison,
      logger,
    );
    this.log = new AccountLogService(database, this.units, this.clock, client, heard, differences);
    const hourly = { ...env, setting: () => '1', environment: 'production' } as const;
    this.logWorker = new AccountLogWorker(
      hourly,
      database,
      this.clock,
      client,
      this.log,
      work,
      logger,
    );
    const days = new DayService(
      database,
      this.units,
      this.clock,
      heard,
      this.bills,
      new ComparisonService(env, database, orders, this.trades),
      differences,
      this.bookings,
      logger,
    );
    this.worker = new ReconciliationWorker(
      env,
      database,
      this.units,
      this.clock,
      this.board,
      work,
      client,
      days,
      this.bookings,
      logger,
    );
  }

  static async open(settings: Readonly<Record<string, number>> = {}): Promise<ReconciliationHouse> {
    const migrations = migrationsOf(reconciliationService);
    const scratch = await scratchDatabase({ migrations, schema: 'reconciliation', poolMax: 8 });
    const house = new ReconciliationHouse(scratch, settings);
    house.worker.onApplicationBootstrap();
    house.exportWorker.onApplicationBootstrap();
    return house;
  }

  async close(): Promise<void> {
    await this.worker.beforeApplicationShutdown();
    await this.exportWorker.beforeApplicationShutdown();
    await this.scratch.drop();
  }

  /** A shop with an account at Alipay that has had a life before. */
  async shop(openingMinor = 1_000_000n): Promise<Sides> {
    this.shopCount += 1;
    const shopId = `shop-${this.shopCount}`;
    const sides = { shopId, alipay: new AlipaySide(openingMinor), ledger: new LedgerSide() };
    this.alipay.set(shopId, sides.alipay);
    this.ledgers.set(shopId, sides.ledger);
    await this.tell('shop-upserted', {
      shopId,
      name: shopId,
      timezone: 'Asia/Shanghai',
      noticePeriodDays: 0,
      transferMax: '50000.00',
      updatedAt: this.clock.now().toISOString(),
    });
    return sides;
  }

  /** It has credentials no more: no bill of it is looked for. */
  closeShop(shopId: string): void {
    this.alipay.delete(shopId);
  }

  /** One word on a topic, as the intake hands it on. */
  async tell<T extends HeardTopic>(topic: T, ...facts: readonly EventData[T][]): Promise<void> {
    const events = facts.map((data) => incoming(topic, data, this.clock.now()));
    await this.units.run((unit) => noteBy(this.told, unit, events));
  }

  /** Moves to just when the bill of a day is there, and until all that is due has been done. */
  async liveThroughBillOf(day: string): Promise<void> {
    await this.moveTo(billReadyAt(day));
  }

  async moveTo(at: Date): Promise<void> {
    this.clock.take(at);
    this.clock.begin();
    await this.rests();
  }

  /** Has a day compared anew, as somebody who asks for it. */
  async again(shopId: string, day: string): Promise<void> {
    await this.units.run(({ tx, now }) => makeDue(tx, { shopId, day }, { now, wantsBill: true }));
    this.worker.wake();
    await this.rests();
  }

  /** Until nothing is due, as the status says. */
  async rests(): Promise<void> {
    const endsAtMs = performance.now() + 30_000;
    for (;;) {
      const { runsDue } = await this.board.read();
      if (runsDue === 0) return;
      if (performance.now() > endsAtMs) throw new Error(`waited 30 s for ${runsDue} days`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async dayOf(shopId: string, day: string): Promise<DayRow> {
    const row = await findDay(this.database, { shopId, day });
    if (row === null) throw new Error(`${day} of ${shopId} is not there`);
    return row;
  }

  differences(shopId: string, state: 'open' | null = null): Promise<DifferenceRow[]> {
    return listDifferences(this.database, shopId, { state, after: null, limit: 1_000 });
  }

  nextDueAt(): Promise<Date | null> {
    return this.board.read().then(({ nextDueAt }) => nextDueAt);
  }

  /** What was said on a topic, oldest first. */
  async saidOn(topic: Topic): Promise<Record<string, unknown>[]> {
    const rows = await this.database.query<{ value: string }>(
      `SELECT coalesce(value_text, convert_from(value, 'UTF8')) AS value
         FROM outbox WHERE topic = $1 ORDER BY id`,
      [topic],
    );
    return rows.map(({ value }) => JSON.parse(value).data);
  }

  private billOf<T>({ path }: ServiceRequest): ServiceAnswer<Buffer | T> {
    const [, shopId = '', day = ''] = /shops\/([^/]+)\/alipay\/bills\/(.+)$/.exec(path) ?? [];
    const side = this.alipay.get(shopId);
    const instead = side?.instead.get(day) ??
      side?.fileOf(day) ?? { status: 404, code: 'not-found' };
    const headers = { get: () => null };
    if (Buffer.isBuffer(instead)) return { status: 200, body: instead, headers };
    const { status, code } = instead;
    const body = (status === 204 ? null : { code, detail: code }) as T;
    return { status, body, headers };
  }

  private async answer<T>({ path, body }: ServiceRequest): Promise<ServiceAnswer<T>> {
    const headers = { get: () => null };
    const ok = (answered: unknown): ServiceAnswer<T> => ({
      status: 200,
      body: answered as T,
      headers,
    });
    if (path === '/internal/alipay-shops') return ok({ shopIds: [...this.alipay.keys()] });
    const [, shopId = '', call = ''] = /shops\/([^/]+)\/([a-z-]+)/.exec(path) ?? [];
    if (call === 'alipay') {
      const span = new URL(path, 'http://x').searchParams;
      const [from, to] = [span.get('from') ?? '', span.get('to') ?? ''];
      const side = this.alipay.get(shopId);
      return ok({ movements: side?.logOf(new Date(from), new Date(to)) ?? null });
    }
    const ledger = this.ledgers.get(shopId) ?? new LedgerSide();
    if (call === 'booked-orders') {
      await this.onAsked();
      const { orderIds } = body as BookedOrdersRequest;
      const items = orderIds.flatMap((orderId) => {
        const order = ledger.orders.get(orderId);
        if (order === undefined) return [];
        const { entriesMinor, ...rest } = order;
        return [{ orderId, currency: 'CNY', entries: yuan(entriesMinor), ...rest }];
      });
      return ok({ items });
    }
    if (call === 'bill-bookings') {
      ledger.book(body as BillBookingsBody);
      return ok({});
    }
    const before = new URL(path, 'http://x').searchParams.get('before') ?? '';
    return ok({ cash: yuan(ledger.cashBefore(new Date(before))) });
  }
}

export interface Sides {
  readonly shopId: string;
  readonly alipay: AlipaySide;
  readonly ledger: LedgerSide;
}

type HeardTopic =
  | 'shop-upserted'
  | 'order-completed'
  | 'order-refunded'
  | 'order-refund-reversed'
  | 'statement-issued'
  | 'payout-requested'
  | 'payout-result';

function noteBy(told: ToldService, unit: Unit, events: readonly IncomingEvent[]): Promise<void> {
  const of = <T extends HeardTopic>(topic: T): IncomingEvent<T>[] =>
    events.filter((event): event is IncomingEvent<T> => event.topic === topic);
  const topic = events[0]?.topic;
  switch (topic) {
    case 'shop-upserted':
      return told.noteShops(unit, of(topic));
    case 'order-completed':
      return told.noteOrders(unit, of(topic));
    case 'order-refunded':
      return told.noteRefunds(unit, of(topic));
    case 'order-refund-reversed':
      return told.noteReversals(unit, of(topic));
    case 'statement-issued':
      return told.noteStatements(unit, of(topic));
    case 'payout-requested':
      return told.notePayouts(unit, of(topic));
    case 'payout-result':
      return told.noteResults(unit, of(topic));
    default:
      return Promise.resolve();
  }
}

function incoming<T extends Topic>(topic: T, data: EventData[T], at: Date): IncomingEvent<T> {
  const event = buildEvent(topic, data, {
    id: randomUUID(),
    source: '/spec',
    time: at.toISOString(),
  });
  const raw = {
    topic,
    partition: 0,
    offset: 0n,
    key: null,
    value: Buffer.from(JSON.stringify(event)),
    headers: {},
    timestamp: at,
  };
  const place = { topic, partition: 0, offset: 0n, correlationId: 'c-1', signedBy: null };
  return { ...place, event, data: event.data, raw };
}
