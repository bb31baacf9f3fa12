import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database } from '@qingfen/database';
import { LOGGER } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { dropOldFailures } from './access/login-failure.store.js';
import { dropOldSessions } from './access/session.store.js';
import { dropOldAnswers } from './calls/kept-answer.store.js';

const everyMs = 3_600_000;

/** Deletes, once an hour, what ran out long ago: no table grows for ever. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

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
  }
}
