import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { LOGGER, ServiceEnv } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { dropOldFailures } from './access/login-failure.store.js';
import { dropOldSessions } from './access/session.store.js';
import { dropOldAccesses } from './audit/access-retention.js';
import { dropOldAnswers } from './calls/kept-answer.store.js';

const everyMs = 3_600_000;
/**
 * Three years behind the present month, as long as what was traded has to be told of.
 * Source: E-Commerce Law of the PRC, article 31 (at least three years).
 */
const keepMonthsUsual = 37;

/** Deletes, once an hour, what ran out long ago: no table grows for ever. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private readonly keepMonths: number;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.keepMonths = env.count('ACCESS_LOG_KEEP_MONTHS', keepMonthsUsual);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweepOut().catch((err: unknown) => {
        this.logger.warn({ err }, 'old rows were not deleted; the next hour tries again');
      });
    }, everyMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private async sweepOut(): Promise<void> {
    await dropOldFailures(this.database);
    await dropOldSessions(this.database);
    await dropOldAnswers(this.database);
    const { keepMonths, clock } = this;
    await dropOldAccesses(this.database, { now: clock.now(), keepMonths });
  }
}
