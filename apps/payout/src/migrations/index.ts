import type { MigrationClass } from '@qingfen/database';
import { CreatePayouts1763770000004 } from './1763770000004-create-payouts.js';

/** What makes payout's own tables. */
export const payoutMigrations: readonly MigrationClass[] = [CreatePayouts1763770000004];
