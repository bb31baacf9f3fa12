import { gatewayService } from '@qingfen/gateway';
import type { ServiceDefinition } from '@qingfen/hosting';
import { notificationService } from '@qingfen/notification';
import { orderService } from '@qingfen/order';
import { payoutService } from '@qingfen/payout';
import { reconciliationService } from '@qingfen/reconciliation';
import { rulesService } from '@qingfen/rules';
import { settlementCalculatorService } from '@qingfen/settlement-calculator';

/** Every service, for one process. The gateway stands first: the others ask it what time it is. */
export const allServices: readonly ServiceDefinition[] = [
  gatewayService,
  rulesService,
  orderService,
  settlementCalculatorService,
  payoutService,
  reconciliationService,
  notificationService,
];
