import type { Logger } from '@qingfen/telemetry';

/** Says when something begins to fail, when the reason changes, and when it is well again. */
export class StateLog {
  private trouble: string | null = null;

  constructor(
    private readonly logger: Logger,
    private readonly fields: Readonly<Record<string, unknown>>,
  ) {}

  failed(reason: string, err: unknown): void {
    if (this.trouble === reason) return;
    this.trouble = reason;
    this.logger.error({ ...this.fields, err }, reason);
  }

  well(message: string): void {
    if (this.trouble === null) return;
    this.trouble = null;
    this.logger.info({ ...this.fields }, message);
  }
}
