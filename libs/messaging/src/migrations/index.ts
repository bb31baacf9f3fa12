import type { MigrationClass } from '@qingfen/database';
import { Messaging1763700000000 } from './1763700000000-messaging.js';

/** Every service runs these before its own. */
export const messagingMigrations: readonly MigrationClass[] = [Messaging1763700000000];
