import type { ServiceDefinition } from '@qingfen/hosting';
import { groups } from './groups.js';
import { CreateReturnWindows1763770000001 } from './migrations/1763770000001-create-return-windows.js';
import { OrderModule } from './order.module.js';

/** Owns return windows; hears completions, plans and shops, says `return-window-closed`. */
export const orderService: ServiceDefinition = {
  name: 'order',
  migrations: [CreateReturnWindows1763770000001],
  groups,
  module: OrderModule,
};
