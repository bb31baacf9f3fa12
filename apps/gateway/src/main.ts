import { runService } from '@qingfen/hosting';
import { gatewayService } from './index.js';

await runService(gatewayService);
