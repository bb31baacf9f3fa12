import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Database } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { LOGGER, ServiceEnv, StatusBoard, WorkLoop } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { withCorrelation, WorkCounter, type Logger } from '@qingfen/telemetry';
import { leaseSeconds, underLease } from './lease.js';
import { OrderExportComparison } from './order-export-comparison.js';
import {
  countDueExports,
  giveExportBack,
  renewExportLease,
  takeDueExport,
  type OrderExportState,
} from './order-export.store.js';

const pollMs = 1_000;

/** Compares exports that were uploaded, one after the other; another replica takes up what one left. */
@Injectable()
export class OrderExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(
    @Inject(ServiceEnv) private readonly env: Pick<ServiceEnv, 'instance'>,
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(StatusBoard) private readonly board: StatusBoard,
    @Inject(WorkCounter) private readonly work: WorkCounter,
    @Inject(OrderExportComparison) private readonly comparison: OrderExportComparison,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const round = (): Promise<boolean> => this.round();
    this.loop = new WorkLoop({ name: 'order-exports', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    this.board.contribute(async () => {
      const runsDue = await countDueExports(this.database);
      const holdingUp = runsDue === 0 ? [] : [`${runsDue} order exports are not compared`];
      return { runsDue, holdingUp };
    });
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  wake(): void {
    this.loop.wake();
  }

  /** @returns whether there may be more to do at once. */
  private async round(): Promise<boolean> {
    const { instance: owner } = this.env;
    const row = await this.units.run(({ tx }) => takeDueExport(tx, { owner, leaseSeconds }));
    if (row === null) return false;
    failpoint('export-taken');
    this.work.begin();
    const correlationId = `order-export:${row.shopId}:${row.exportId}`;
    try {
      const isDone = await underLease(
        () => this.renew(row),
        () => withCorrelation({ correlationId }, () => this.comparison.compare(row)),
      );
      if (!isDone) await giveExportBack(this.database, row);
    } catch (error) {
      await giveExportBack(this.database, row);
      throw error;
    }
    return true;
  }

  private async renew(row: OrderExportState): Promise<void> {
    try {
      await renewExportLease(this.database, row, { owner: this.env.instance, leaseSeconds });
    } catch (error) {
      this.logger.warn({ err: error }, 'a lease was not renewed; another may take the export too');
    }
  }
}
