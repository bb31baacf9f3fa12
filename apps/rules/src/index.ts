import type { ServiceDefinition } from '@qingfen/hosting';
import { CreateShopsAndPlans1763770000001 } from './migrations/1763770000001-create-shops-and-plans.js';
import { AddApprovals1763770000101 } from './migrations/1763770000101-add-approvals.js';
import { AddWithholding1763770000201 } from './migrations/1763770000201-add-withholding.js';
import { RulesModule } from './rules.module.js';

/** Owns shops and plan versions; hears nothing, says `shop-upserted` and `settlement-plan-published`. */
export const rulesService: ServiceDefinition = {
  name: 'rules',
  migrations: [
    CreateShopsAndPlans1763770000001,
    AddApprovals1763770000101,
    AddWithholding1763770000201,
  ],
  groups: [],
  module: RulesModule,
};
