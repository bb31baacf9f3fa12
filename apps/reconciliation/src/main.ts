import 'reflect-metadata';
import { runService } from '@qingfen/hosting';
import { reconciliationService } from './index.js';

await runService(reconciliationService);
