import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '@qingfen/hosting';
import { Relay, RelayBehind } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';

/** Shorter than the 3 s that the gateway waits for an answer: the refusal must still reach it. */
const waitMs = 2_000;

/** Lets a call answer only when the broker has what it committed. */
@Injectable()
export class Acknowledgement {
  constructor(
    private readonly relay: Relay,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Whether all that was committed before this is on its topics; false after 2 s of real time. */
  async arrived(): Promise<boolean> {
    try {
      await this.relay.flushed(waitMs);
      return true;
    } catch (error) {
      if (!(error instanceof RelayBehind)) throw error;
      // The rows are committed and will be sent; only the caller cannot be told yet.
      this.logger.warn('the broker has not acknowledged yet');
      return false;
    }
  }
}
