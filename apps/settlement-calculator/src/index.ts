import type { ServiceDefinition } from '@qingfen/hosting';
import { CalculatorModule } from './calculator.module.js';
import { groups } from './groups.js';
import { LeaveListsUncounted1763769601120 } from './migrations/1763769601120-leave-lists-uncounted.js';
import { AddStatementPages1763769601110 } from './migrations/1763769601110-add-statement-pages.js';
import { AddMakers1763769600800 } from './migrations/1763769600800-add-makers.js';
import { AddExplanations1763769601000 } from './migrations/1763769601000-add-explanations.js';
import { AddLedgerKeys1763769601860 } from './migrations/1763769601860-add-ledger-keys.js';
import { AddWithholding1763769601900 } from './migrations/1763769601900-add-withholding.js';
import { AddWays1763769601700 } from './migrations/1763769601700-add-ways.js';
import { AddManualActs1763769600400 } from './migrations/1763769600400-add-manual-acts.js';
import { AddPlanNotices1763769600820 } from './migrations/1763769600820-add-plan-notices.js';
import { AddSimulation1763769600810 } from './migrations/1763769600810-add-simulation.js';
import { AddRebinding1763769600600 } from './migrations/1763769600600-add-rebinding.js';
import { AddRateFacts1763769600500 } from './migrations/1763769600500-add-rate-facts.js';
import { AddOrderAhead1763769600700 } from './migrations/1763769600700-add-order-ahead.js';
import { AddRollout1763769600900 } from './migrations/1763769600900-add-rollout.js';
import { AddSeal1763769601150 } from './migrations/1763769601150-add-seal.js';
import { AddTeams1763769600300 } from './migrations/1763769600300-add-teams.js';
import { AddCorrections1763769600200 } from './migrations/1763769600200-add-corrections.js';
import { AddBillBookings1763769601500 } from './migrations/1763769601500-add-bill-bookings.js';
import { CreateBooks1763769600100 } from './migrations/1763769600100-create-books.js';

/** Works out who is owed what, states it, and keeps the ledger. */
export const settlementCalculatorService: ServiceDefinition = {
  name: 'settlement-calculator',
  migrations: [
    CreateBooks1763769600100,
    AddCorrections1763769600200,
    AddTeams1763769600300,
    AddManualActs1763769600400,
    AddRateFacts1763769600500,
    AddRebinding1763769600600,
    AddOrderAhead1763769600700,
    AddMakers1763769600800,
    AddSimulation1763769600810,
    AddPlanNotices1763769600820,
    AddRollout1763769600900,
    AddExplanations1763769601000,
    AddStatementPages1763769601110,
    LeaveListsUncounted1763769601120,
    AddSeal1763769601150,
    AddBillBookings1763769601500,
    AddWays1763769601700,
    AddLedgerKeys1763769601860,
    AddWithholding1763769601900,
  ],
  groups: [
    {
      name: groups.orders,
      topics: [
        'order-completed',
        'order-refunded',
        'order-refund-reversed',
        'order-disputed',
        'order-dispute-resolved',
      ],
    },
    {
      name: groups.rest,
      topics: [
        'settlement-plan-published',
        'shop-upserted',
        'payee-upserted',
        'return-window-closed',
        'payout-result',
      ],
    },
  ],
  module: CalculatorModule,
};
