import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@qingfen/telemetry';

/** Nest's own words in the service's log, quiet unless something is wrong. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug({ nest: true }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ nest: true, rest }, String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn({ nest: true, rest }, String(message));
  }

  debug(message: unknown): void {
    this.logger.trace({ nest: true }, String(message));
  }

  verbose(message: unknown): void {
    this.logger.trace({ nest: true }, String(message));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal({ nest: true, rest }, String(message));
  }
}
