import type { ServiceDefinition } from '@qingfen/hosting';
import { payoutMigrations } from './migrations/index.js';
import { PayoutModule } from './payout.module.js';

/**
 * Owns shops' Alipay credentials, payees' accounts and payouts: the only holder of keys and mover
 * of money. Says `payout-result` and, for payees written by hand, `payee-upserted`.
 */
export const payoutService: ServiceDefinition = {
  name: 'payout',
  migrations: payoutMigrations,
  groups: [
    {
      name: 'qf-payout-main',
      topics: ['payout-requested', 'payee-upserted', 'shop-upserted', 'order-refunded'],
    },
  ],
  module: PayoutModule,
};
