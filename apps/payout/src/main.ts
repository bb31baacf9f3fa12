import 'reflect-metadata';
import { runService } from '@qingfen/hosting';
import { payoutService } from './index.js';

await runService(payoutService);
