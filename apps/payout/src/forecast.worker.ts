import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { LOGGER, ServiceEnv, StatusBoard, WorkLoop } from '@qingfen/hosting';
import { WorkCounter, type Logger } from '@qingfen/telemetry';
import { ForecastService } from './forecast.service.js';
import { claimForecasts, releaseForecasts } from './forecast.store.js';

const pollMs = 60_000;
const shopsAtOnce = 20;
const hourMs = 3_600_000;

/**
 * Makes every shop's forecast anew when so many hours of business time have passed: `PAYOUT_FORECAST_HOURS`
 * (1), or `none`; where money is play money nobody asks for it unless it is set.
 */
@Injectable()
export class ForecastWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop | null;
  private readonly everyMs: number;
  private end: () => void = () => undefined;
  /** Steps of the clock: heard of, and looked at. */
  private readonly steps = { begun: 0, seen: 0 };

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count' | 'setting' | 'environment'>,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly forecasts: ForecastService,
    private readonly work: WorkCounter,
    board: StatusBoard,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const otherwise = env.environment === 'local-sandbox' ? 'none' : '1';
    const isOff = env.setting('PAYOUT_FORECAST_HOURS', otherwise) === 'none';
    this.everyMs = isOff ? 0 : env.count('PAYOUT_FORECAST_HOURS', 1) * hourMs;
    const round = (): Promise<boolean> => this.round();
    this.loop = isOff ? null : new WorkLoop({ name: 'forecasts', round, pollMs, logger });
    board.contribute(() => {
      const isLooking = this.steps.seen < this.steps.begun;
      return Promise.resolve({ holdingUp: isLooking ? ['forecasts are being made'] : [] });
    });
  }

  onApplicationBootstrap(): void {
    const { loop } = this;
    if (loop === null) return;
    this.end = this.clock.onBegin(() => {
      this.steps.begun += 1;
      loop.wake();
    });
    loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.end();
    await this.loop?.stop();
  }

  private async round(): Promise<boolean> {
    const { begun } = this.steps;
    const now = this.clock.begunUntil();
    const madeUntil = new Date(now.getTime() - this.everyMs);
    const shopIds = await this.database.transaction((tx) => {
      return claimForecasts(tx, { now, madeUntil, limit: shopsAtOnce });
    });
    if (shopIds.length === 0) {
      this.steps.seen = begun;
      return false;
    }
    this.work.begin(shopIds.length);
    const failed: string[] = [];
    for (const shopId of shopIds) {
      try {
        await this.forecasts.tell(shopId);
      } catch (error) {
        this.logger.warn({ err: error, shopId }, 'a forecast is made later');
        failed.push(shopId);
      }
    }
    if (failed.length === 0) return true;
    await releaseForecasts(this.database, failed);
    throw new Error(`${failed.length} forecasts are not made yet`);
  }
}
