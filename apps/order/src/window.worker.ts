import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database, isInfrastructureError } from '@qingfen/database';
import { LOGGER, StatusBoard } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { WindowService } from './window.service.js';
import { countEnded } from './window.store.js';

/** Real time between two looks when nothing wakes the worker; ends of windows glide past. */
const pollMs = 500;
/** The status says how many wait, and does not count for ever. */
const countMax = 10_000;

/** Says ended windows whenever the clock has begun an instant, orders or plans came, and by polling. */
@Injectable()
export class WindowWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;
  private round: Promise<void> | null = null;
  private isWoken = false;
  private isStopped = false;

  constructor(
    private readonly windows: WindowService,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly board: StatusBoard,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.board.contribute(async () => ({ holdingUp: await this.holdingUp(), nextDueAt: null }));
    this.stopListening = this.clock.onBegin(() => this.wake());
    this.timer = setInterval(() => this.wake(), pollMs);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    this.stopListening?.();
    await this.round;
  }

  /** Looks now, or once more when it is looking already. */
  wake(): void {
    this.isWoken = true;
    if (this.round !== null || this.isStopped) return;
    this.round = this.look().finally(() => {
      this.round = null;
      if (this.isWoken && !this.isStopped) this.wake();
    });
  }

  private async look(): Promise<void> {
    this.isWoken = false;
    try {
      await this.windows.sayEnded(this.clock.begunUntil());
    } catch (error) {
      // The rows are unsaid still: the next look takes them again.
      if (isInfrastructureError(error)) this.logger.warn({ err: error }, 'windows must wait');
      else this.logger.error({ err: error }, 'ended windows could not be said');
    }
  }

  private async holdingUp(): Promise<string[]> {
    const until = this.clock.begunUntil();
    const count = await countEnded(this.database, { until, limit: countMax });
    if (count === 0) return [];
    const shown = count === countMax ? `${countMax} or more` : String(count);
    return [`${shown} return windows have ended and are not said yet`];
  }
}
