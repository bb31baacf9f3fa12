import type { ServiceDefinition } from '@qingfen/hosting';
import { groups } from './groups.js';
import { CreateReconciliation1763770000006 } from './migrations/1763770000006-create-reconciliation.js';
import { KeepDaysOfPayouts1763770000106 } from './migrations/1763770000106-keep-days-of-payouts.js';
import { AddOrderExports1763770000206 } from './migrations/1763770000206-add-order-exports.js';
import { AddAccountLogLooks1763770000406 } from './migrations/1763770000406-add-account-log-looks.js';
import { AddTrades1763770000306 } from './migrations/1763770000306-add-trades.js';
import { DropOrderExports1763770000506 } from './migrations/1763770000506-drop-order-exports.js';
import { SplitBillLines1763770000606 } from './migrations/1763770000606-split-bill-lines.js';
import { configureHttp } from './http-edge.js';
import { ReconciliationModule } from './reconciliation.module.js';

/**
 * Owns Alipay's bills, exports of the order system, what was compared with them, and differences. Says
 * `reconciliation-completed`.
 */
export const reconciliationService: ServiceDefinition = {
  name: 'reconciliation',
  migrations: [
    CreateReconciliation1763770000006,
    KeepDaysOfPayouts1763770000106,
    AddOrderExports1763770000206,
    AddTrades1763770000306,
    AddAccountLogLooks1763770000406,
    DropOrderExports1763770000506,
    SplitBillLines1763770000606,
  ],
  groups,
  module: ReconciliationModule,
  configure: configureHttp,
};
