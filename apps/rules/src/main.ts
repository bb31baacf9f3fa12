import 'reflect-metadata';
import { runService } from '@qingfen/hosting';
import { rulesService } from './index.js';

await runService(rulesService);
