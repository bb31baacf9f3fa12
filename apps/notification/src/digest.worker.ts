import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { LOGGER, WorkLoop } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { DigestService } from './digest.service.js';

/** Real time between two looks: nobody waits for a digest. */
const pollMs = 1_000;

/** Writes digests at its own pace. */
@Injectable()
export class DigestWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: WorkLoop;

  constructor(digests: DigestService, @Inject(LOGGER) logger: Logger) {
    const round = (): Promise<boolean> => digests.writeDue();
    this.loop = new WorkLoop({ name: 'digests', round, pollMs, logger });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
