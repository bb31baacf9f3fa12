import type { ServiceDefinition } from '@qingfen/hosting';
import { groups } from './groups.js';
import { CreateReconciliation1763770000006 } from './migrations/1763770000006-create-reconciliation.js';
import { KeepDaysOfPayouts1763770000106 } from './migrations/1763770000106-keep-days-of-payouts.js';
import { ReconciliationModule } from './reconciliation.module.js';

/**
 * Owns Alipay's bills, the days that were compared with them, and differences. Says
 * `reconciliation-completed`.
 */
export const reconciliationService: ServiceDefinition = {
  name: 'reconciliation',
  migrations: [CreateReconciliation1763770000006, KeepDaysOfPayouts1763770000106],
  groups,
  module: ReconciliationModule,
};
