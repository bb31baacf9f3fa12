import type { ServiceDefinition } from '@qingfen/hosting';
import { CreatePayouts1763770000004 } from './migrations/1763770000004-create-payouts.js';
import { PayoutModule } from './payout.module.js';

/**
 * Owns shops' Alipay credentials, payees' accounts and payouts: the only holder of keys and mover
 * of money. Says `payout-result` and, for payees written by hand, `payee-upserted`.
 */
export const payoutService: ServiceDefinition = {
  name: 'payout',
  migrations: [CreatePayouts1763770000004],
  groups: [
    { name: 'qf-payout-main', topics: ['payout-requested', 'payee-upserted', 'shop-upserted'] },
  ],
  module: PayoutModule,
};
