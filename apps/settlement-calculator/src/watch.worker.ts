import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LOGGER, ServiceEnv, WorkLoop } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { WatchService } from './watch.service.js';

const pollMs = 2_000;
/** A service that has just started has orders and runs to catch up with first. */
const firstRestMs = 60_000;

/** Of the time that passes, how many hundredths the watch may be at work in this process. */
const shareVariable = 'LEDGER_WATCH_PERCENT';

/** Watches ledgers in what time is left: after each look it rests for so long that its share holds. */
@Injectable()
export class WatchWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;
  private readonly restPerWork: number;
  private restsUntilMs = performance.now() + firstRestMs;

  constructor(
    @Inject(WatchService) private readonly watch: WatchService,
    @Inject(ServiceEnv) env: ServiceEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.restPerWork = Math.max(100 / env.count(shareVariable, 2) - 1, 0);
    const round = (): Promise<boolean> => this.round();
    this.loop = new WorkLoop({ name: 'ledger watch', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async round(): Promise<boolean> {
    const startedMs = performance.now();
    if (startedMs < this.restsUntilMs) return false;
    await this.watch.look();
    const tookMs = performance.now() - startedMs;
    this.restsUntilMs = performance.now() + tookMs * this.restPerWork;
    return false;
  }
}
