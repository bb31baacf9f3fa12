import 'reflect-metadata';
import { runService } from '@qingfen/hosting';
import { notificationService } from './index.js';

await runService(notificationService);
