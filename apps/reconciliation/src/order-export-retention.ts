import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { addDays } from '@qingfen/calendar';
import { advisoryLock } from '@qingfen/database';
import { audit, LOGGER, ServiceEnv } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import { allowLong } from './long-transaction.js';
import { deleteExport, takeOldExport, type OldExport } from './order-export-retention.store.js';

/** A year, in which Alipay lets an order be refunded, and a month to look at what came of it. */
const keepDaysUsual = 400;
/** Each has up to `ORDER_EXPORT_ROWS_MAX` rows; what is left waits for the next round. */
const exportsPerRound = 20;
const everyMs = 3_600_000;

/** Nobody asked for it: the setting did. */
const house = {
  issuer: 'reconciliation',
  subject: 'reconciliation',
  roles: [],
  requestId: '',
} as const;

/** Deletes exports of the order system that are old and that no open difference needs. */
@Injectable()
export class OrderExportRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly keepDays: number;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Units) private readonly units: Pick<Units, 'run'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.keepDays = env.count('ORDER_EXPORT_KEEP_DAYS', keepDaysUsual);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.round().catch((err: unknown) => {
        this.logger.warn({ err }, 'old order exports were not deleted; the next hour tries again');
      });
    }, everyMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** One transaction each, as many as a round takes; that each existed stays in the audit. */
  async round(): Promise<number> {
    for (let count = 0; count < exportsPerRound; count += 1) {
      const dropped = await this.dropOne();
      if (dropped === null) return count;
      const { shopId, exportId, rowCount: rows } = dropped;
      this.logger.info({ shopId, exportId, rows }, 'an old order export was deleted');
    }
    return exportsPerRound;
  }

  private dropOne(): Promise<OldExport | null> {
    return this.units.run(async ({ tx, now }) => {
      const before = addDays(now, -this.keepDays);
      const found = await takeOldExport(tx, before);
      if (found === null) return null;
      // What opens differences of the shop at this moment may open one that needs it: look once more.
      await advisoryLock(tx, `differences ${found.shopId}`, 'exclusive');
      const old = await takeOldExport(tx, before, found.exportNo);
      if (old === null) return null;
      const { shopId, exportId, sha256, rowCount: rows, uploadedAt } = old;
      await allowLong(tx);
      await deleteExport(tx, old);
      await audit(tx, {
        caller: house,
        action: 'order-export.drop',
        subject: { type: 'order-export', id: exportId },
        shopId,
        before: { sha256, rows, uploadedAt },
        after: { keepDays: this.keepDays },
        reason: null,
        at: now,
      });
      return old;
    });
  }
}
