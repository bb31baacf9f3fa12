import { runService } from '@qingfen/hosting';
import { settlementCalculatorService } from './index.js';

await runService(settlementCalculatorService);
