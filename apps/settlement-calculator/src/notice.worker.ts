import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LOGGER, WorkLoop } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { WorkCounter, type Logger } from '@qingfen/telemetry';
import { NoticeService } from './notice.service.js';

/** A version that this process heard of wakes the worker; another's is found by looking. */
const pollMs = 5_000;

/** Announces new versions at its own pace: nobody waits for it. */
@Injectable()
export class NoticeWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(
    @Inject(Units) private readonly units: Units,
    @Inject(NoticeService) private readonly notices: NoticeService,
    @Inject(WorkCounter) private readonly work: WorkCounter,
    @Inject(LOGGER) logger: Logger,
  ) {
    const round = (): Promise<boolean> => this.round();
    this.loop = new WorkLoop({ name: 'plan notices', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  wake(): void {
    this.loop.wake();
  }

  private async round(): Promise<boolean> {
    const isMore = await this.units.run((unit) => this.notices.step(unit));
    if (isMore) this.work.begin();
    return isMore;
  }
}
