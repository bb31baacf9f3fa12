import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { AlipayShops } from '@qingfen/contracts';
import { billReadyAt, lastReadyDay, nextDay } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { LOGGER, ServiceClient, ServiceEnv, StatusBoard, WorkLoop } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { withCorrelation, WorkCounter, type Logger } from '@qingfen/telemetry';
import { BookingService } from './booking.service.js';
import { DayService, type Looked } from './day.service.js';
import { shopsWithUnbooked } from './difference.store.js';
import { leaseSeconds, underLease } from './lease.js';
import {
  anyShop,
  dayStatus,
  giveBack,
  notePlanned,
  plannedDay,
  planDays,
  renewLease,
  takeDue,
  type DayRow,
} from './day.store.js';

const pollMs = 500;
const shopsAtOnce = 100;

/** Plans every shop's day when its bill is there, 09:00 of the next in Beijing, and works them off. */
@Injectable()
export class ReconciliationWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;
  private readonly daysMax: number;
  private readonly concurrency: number;
  private forgetClock: () => void = () => undefined;

  constructor(
    @Inject(ServiceEnv) private readonly env: Pick<ServiceEnv, 'count' | 'instance'>,
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StatusBoard) private readonly board: StatusBoard,
    @Inject(WorkCounter) private readonly work: WorkCounter,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(DayService) private readonly days: DayService,
    @Inject(BookingService) private readonly bookings: BookingService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.daysMax = env.count('RECONCILIATION_DAYS_BACK', 31);
    this.concurrency = env.count('RECONCILIATION_CONCURRENCY', 4);
    const round = (): Promise<boolean> => this.round();
    this.loop = new WorkLoop({ name: 'reconcile', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    this.board.contribute(() => this.status());
    this.forgetClock = this.clock.onBegin(() => this.wake());
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.forgetClock();
    await this.loop.stop();
  }

  wake(): void {
    this.loop.wake();
  }

  private async status(): Promise<{
    runsDue: number;
    nextDueAt: Date | null;
    holdingUp: string[];
  }> {
    const until = this.clock.begunUntil();
    const now = this.clock.now();
    // First of all: whoever sees that a day is planned has to see its days as well.
    const planned = await plannedDay(this.database);
    const [days, shops] = await Promise.all([
      dayStatus(this.database, { until, now }),
      anyShop(this.database),
    ]);
    const unplanned = planned === null || planned < lastReadyDay(until) ? 1 : 0;
    const nextBills = shops ? billReadyAt(nextDay(lastReadyDay(now))) : null;
    const instants = [days.nextAt, nextBills].flatMap((at) => (at === null ? [] : [at.getTime()]));
    return {
      runsDue: days.due + unplanned,
      nextDueAt: instants.length === 0 ? null : new Date(Math.min(...instants)),
      holdingUp: days.due === 0 ? [] : [`${days.due} days are not reconciled`],
    };
  }

  /** @returns whether there may be more to do at once. */
  private async round(): Promise<boolean> {
    await this.plan();
    for (const shopId of await shopsWithUnbooked(this.database, shopsAtOnce)) {
      await this.bookings.bookDifferences(shopId);
    }
    const taken = await this.takeDays();
    const ends = await Promise.allSettled(taken.map((row) => this.look(row)));
    // All of them end before one that failed is told of: none may go on unseen.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return taken.length > 0;
  }

  /** Days of several shops wait for Alipay side by side. */
  private async takeDays(): Promise<readonly DayRow[]> {
    const until = this.clock.begunUntil();
    const { instance: owner } = this.env;
    const taken: DayRow[] = [];
    while (taken.length < this.concurrency) {
      const row = await this.units.run(({ tx }) => takeDue(tx, { until, owner, leaseSeconds }));
      if (row === null) return taken;
      taken.push(row);
    }
    return taken;
  }

  private async look(row: DayRow): Promise<void> {
    this.work.begin();
    const correlationId = `reconciliation:${row.shopId}:${row.day}`;
    const look = (): Promise<Looked> => {
      return withCorrelation({ correlationId }, () => this.days.reconcile(row));
    };
    try {
      const looked = await underLease(() => this.renew(row), look);
      if (looked === 'again') await giveBack(this.database, row);
    } catch (error) {
      await giveBack(this.database, row);
      throw error;
    }
  }

  private async renew(row: DayRow): Promise<void> {
    try {
      await renewLease(this.database, row, { owner: this.env.instance, leaseSeconds });
    } catch (error) {
      this.logger.warn({ err: error }, 'a lease was not renewed; another may take the day as well');
    }
  }

  /** Once a day, when bills are there: asks payout whose there are, and makes them due. */
  private async plan(): Promise<void> {
    const until = this.clock.begunUntil();
    const lastDay = lastReadyDay(until);
    const planned = await plannedDay(this.database);
    if (planned !== null && planned >= lastDay) return;
    const { status, body } = await this.client.request<AlipayShops>({
      service: 'payout',
      method: 'GET',
      path: '/internal/alipay-shops',
    });
    if (status !== 200) throw new Error(`payout answered ${status} for its shops`);
    this.work.begin();
    await this.units.run(async ({ tx }) => {
      const { shopIds } = body;
      await planDays(tx, { shopIds, lastDay, daysMax: this.daysMax, now: until });
      await notePlanned(tx, lastDay);
    });
    this.logger.info({ lastDay, shops: body.shopIds.length }, 'bills are looked for');
  }
}
