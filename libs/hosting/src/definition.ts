import type { Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Topic } from '@qingfen/contracts';
import type { Database, MigrationClass } from '@qingfen/database';
import type { ServiceName } from '@qingfen/security';
import type { ServiceEnv } from './config.js';

/** What makes one service: its name, its tables, what it hears, and the Nest module that acts. */
export interface ServiceDefinition {
  readonly name: ServiceName;
  readonly migrations: readonly MigrationClass[];
  /** One consumer each; what waits and what it waits for never share one. */
  readonly groups: readonly ConsumerGroup[];
  readonly module: Type<unknown>;
  /** Before routes are bound: body parsers, helmet, documentation pages. */
  readonly configure?: (app: NestExpressApplication, env: ServiceEnv) => void | Promise<void>;
  /** The gateway owns the virtual clock and remembers it; everyone else asks the gateway. */
  readonly rememberedClock?: (database: Database, env: ServiceEnv) => Promise<Date | null>;
}

export interface ConsumerGroup {
  /** The whole group id, `qf-<service>-<what it hears>`. */
  readonly name: string;
  readonly topics: readonly Topic[];
}

/** Injects the service's own logger: `@Inject(LOGGER) logger: Logger`. */
export const LOGGER: unique symbol = Symbol('qingfen-logger');
/** Injects the definition that the host was started with. */
export const DEFINITION: unique symbol = Symbol('qingfen-service-definition');
