import type { ServiceDefinition } from '@qingfen/hosting';
import { CreateShopsAndPlans1763770000001 } from './migrations/1763770000001-create-shops-and-plans.js';
import { RulesModule } from './rules.module.js';

/** Owns shops and plan versions; hears nothing, says `shop-upserted` and `settlement-plan-published`. */
export const rulesService: ServiceDefinition = {
  name: 'rules',
  migrations: [CreateShopsAndPlans1763770000001],
  groups: [],
  module: RulesModule,
};
