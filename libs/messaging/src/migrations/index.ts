import type { MigrationClass } from '@qingfen/database';
import { Messaging1763700000000 } from './1763700000000-messaging.js';
import { OutboxText1763700000100 } from './1763700000100-outbox-text.js';
import { OutboxWake1763700000200 } from './1763700000200-outbox-wake.js';

/** Every service runs these before its own. */
export const messagingMigrations: readonly MigrationClass[] = [
  Messaging1763700000000,
  OutboxText1763700000100,
  OutboxWake1763700000200,
];
