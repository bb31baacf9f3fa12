import { runServices } from '@qingfen/hosting';
import { allServices } from './index.js';

await runServices(allServices);
