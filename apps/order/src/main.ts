import 'reflect-metadata';
import { runService } from '@qingfen/hosting';
import { orderService } from './index.js';

await runService(orderService);
