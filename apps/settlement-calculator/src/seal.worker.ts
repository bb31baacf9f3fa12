import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Database } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { LOGGER, ServiceEnv, WorkLoop } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import { unsealedShops } from './block.store.js';
import { HeadFiles } from './head-files.js';
import { dayHeads, unheadedShops } from './ledger-head.store.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { SealService, type SaidHead } from './seal.service.js';

/** How often what has committed is sealed: seldom makes fewer and larger blocks, and later proofs. */
const sealSecondsVariable = 'LEDGER_SEAL_SECONDS';
/** Every day has a head, and so a block. */
const sealSecondsMax = 86_400;
/** Shops of one look; the next look takes the others. */
const shopsAtOnce = 500;
/** Files of so many last days are looked for at the start. */
const filesOfDays = 31;

/** How often a day's head is said before the day ends: what stands behind it is safe from being cut off. */
const headSecondsVariable = 'LEDGER_HEAD_SECONDS';

/** Seals what has committed, every second as a rule, and signs heads. Nobody waits for it. */
@Injectable()
export class SealWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;
  private readonly headSeconds: number;
  private areFilesWhole = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(SealService) private readonly seals: SealService,
    @Inject(HeadFiles) private readonly files: HeadFiles,
    @Inject(LedgerKeys) private readonly keys: LedgerKeys,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.headSeconds = env.count(headSecondsVariable, 60);
    const pollMs = Math.min(env.count(sealSecondsVariable, 1), sealSecondsMax) * 1_000;
    const round = (): Promise<boolean> => this.round();
    this.loop = new WorkLoop({ name: 'ledger seal', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async round(): Promise<boolean> {
    if (!this.areFilesWhole) {
      const keys = await this.keys.all(this.database);
      await this.files.keepKeys(keys);
      const heads = await dayHeads(this.database, { shopId: null, days: filesOfDays });
      await this.files.keepMissing(heads, keys);
      this.areFilesWhole = true;
    }
    let isMore = false;
    for (const shopId of await unsealedShops(this.database, shopsAtOnce)) {
      const sealed = await this.units.run(async (unit) => {
        const done = await this.seals.seal(unit, shopId);
        failpoint('block-sealed');
        return done;
      });
      await this.keep(sealed.said);
      isMore ||= sealed.isMore;
    }
    const silent = { silentSeconds: this.headSeconds, limit: shopsAtOnce };
    for (const shopId of await unheadedShops(this.database, silent)) {
      await this.keep(await this.units.run((unit) => this.seals.sayHead(unit, shopId)));
    }
    return isMore;
  }

  private async keep(said: SaidHead | null): Promise<void> {
    if (said === null) return;
    failpoint('head-committed');
    await this.files.keep(said.head, said.keys);
  }
}
