import type { Logger } from '@qingfen/telemetry';

const troubleWaitsMs = [200, 400, 800, 1_600, 3_200, 5_000];

/** How a loop works. */
export interface WorkLoopOptions {
  readonly name: string;
  /** Does what there is to do; true when there may be more at once. */
  readonly round: () => Promise<boolean>;
  /** Real milliseconds between looks while nothing wakes it. */
  readonly pollMs: number;
  readonly logger: Logger;
}

/** Repeats a piece of work: at once while there is more, when woken, and by itself now and then. */
export class WorkLoop {
  private isStopping = false;
  private isWoken = false;
  private interrupt: (() => void) | null = null;
  private running: Promise<void> | null = null;

  constructor(private readonly options: WorkLoopOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Looks again at once, or as soon as the present look has ended. */
  wake(): void {
    this.isWoken = true;
    this.interrupt?.();
  }

  /** Ends after the present look. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.isStopping) {
      this.isWoken = false;
      let waitMs = this.options.pollMs;
      try {
        if (await this.options.round()) continue;
        failures = 0;
      } catch (error) {
        const level = failures < 2 ? 'warn' : 'error';
        this.options.logger[level]({ err: error, loop: this.options.name }, 'a look failed');
        waitMs = troubleWaitsMs[Math.min(failures, troubleWaitsMs.length - 1)] ?? waitMs;
        failures += 1;
      }
      await this.pause(waitMs, failures > 0);
    }
  }

  private async pause(waitMs: number, isTrouble: boolean): Promise<void> {
    if ((this.isWoken && !isTrouble) || this.isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.interrupt = () => {
        // In trouble only a stop cuts the wait short: waking would hammer what is broken.
        if (isTrouble && !this.isStopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.interrupt = null;
  }
}
