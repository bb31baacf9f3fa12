import type { MigrationClass } from '@qingfen/database';
import { messagingMigrations } from '@qingfen/messaging';
import { AddAudit1763769600001 } from './audit.js';
import type { ServiceDefinition } from './definition.js';

/** Every migration that makes a service's schema: what all services have, and its own. */
export function migrationsOf({
  migrations,
}: Pick<ServiceDefinition, 'migrations'>): readonly MigrationClass[] {
  return [...messagingMigrations, AddAudit1763769600001, ...migrations];
}
