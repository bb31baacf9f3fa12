import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { AlipayShops } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { LOGGER, ServiceClient, ServiceEnv, WorkLoop } from '@qingfen/hosting';
import { WorkCounter, type Logger } from '@qingfen/telemetry';
import { AccountLogService } from './account-log.service.js';
import { claimLooks, releaseLooks } from './account-log.store.js';

const pollMs = 60_000;
const shopsAtOnce = 20;
const hourMs = 3_600_000;
/** Alipay asks for a minute's patience where it was asked too often. */
const laterMs = 600_000;

/**
 * Looks into every shop's account log when so many hours of business time have passed:
 * `ACCOUNT_LOG_HOURS` (1), or `none`; where money is play money nobody looks unless it is set.
 */
@Injectable()
export class AccountLogWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop | null;
  private readonly everyMs: number;
  private forgetClock: () => void = () => undefined;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count' | 'setting' | 'environment'>,
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(AccountLogService) private readonly log: Pick<AccountLogService, 'look'>,
    @Inject(WorkCounter) private readonly work: WorkCounter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const otherwise = env.environment === 'local-sandbox' ? 'none' : '1';
    const isOff = env.setting('ACCOUNT_LOG_HOURS', otherwise) === 'none';
    this.everyMs = isOff ? 0 : env.count('ACCOUNT_LOG_HOURS', 1) * hourMs;
    const round = (): Promise<boolean> => this.round();
    this.loop = isOff ? null : new WorkLoop({ name: 'account-log', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    const { loop } = this;
    if (loop === null) return;
    this.forgetClock = this.clock.onBegin(() => loop.wake());
    loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.forgetClock();
    await this.loop?.stop();
  }

  /** @returns whether there may be more to do at once. */
  async round(): Promise<boolean> {
    const now = this.clock.begunUntil();
    const lookedBefore = new Date(now.getTime() - this.everyMs);
    const shopIds = await this.shops();
    const claimed = await this.database.transaction((tx) => {
      return claimLooks(tx, { shopIds, now, lookedBefore, limit: shopsAtOnce });
    });
    if (claimed.length === 0) return false;
    this.work.begin(claimed.length);
    const failed: string[] = [];
    for (const shopId of claimed) if (!(await this.lookAt(shopId))) failed.push(shopId);
    if (failed.length === 0) return true;
    const lookedAt = new Date(lookedBefore.getTime() + laterMs);
    await releaseLooks(this.database, failed, lookedAt);
    return true;
  }

  /** What is refused is not asked for again at once: somebody has to do something first. */
  private async lookAt(shopId: string): Promise<boolean> {
    try {
      const look = await this.log.look(shopId);
      if (look.kind === 'looked') return true;
      this.logger.warn({ shopId, why: look.why }, 'no look at the account log');
      return look.kind === 'refused';
    } catch (error) {
      this.logger.warn({ err: error, shopId }, 'no look at the account log');
      return false;
    }
  }

  private async shops(): Promise<readonly string[]> {
    const { status, body } = await this.client.request<AlipayShops>({
      service: 'payout',
      method: 'GET',
      path: '/internal/alipay-shops',
    });
    if (status !== 200) throw new Error(`payout answered ${status} for its shops`);
    return body.shopIds;
  }
}
