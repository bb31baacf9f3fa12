import type { ServiceDefinition } from '@qingfen/hosting';
import { readClock } from './clock/clock.store.js';
import { GatewayModule } from './gateway.module.js';
import { configureHttp } from './http-edge.js';
import { CreateGateway1763770000007 } from './migrations/1763770000007-create-gateway.js';
import { AddAccessLog1763770000207 } from './migrations/1763770000207-add-access-log.js';
import { CountStartsByReplica1763770000107 } from './migrations/1763770000107-count-starts-by-replica.js';

/** The gateway: REST for people, Alipay's callbacks, and the owner of the virtual clock. */
export const gatewayService: ServiceDefinition = {
  name: 'gateway',
  migrations: [
    CreateGateway1763770000007,
    CountStartsByReplica1763770000107,
    AddAccessLog1763770000207,
  ],
  groups: [],
  module: GatewayModule,
  configure: configureHttp,
  rememberedClock: async (database) => (await readClock(database))?.now ?? null,
};
