import type { MigrationClass } from '@qingfen/database';
import { CreatePayouts1763770000004 } from './1763770000004-create-payouts.js';
import { AddMakers1763770000104 } from './1763770000104-add-makers.js';
import { AddRisk1763770000204 } from './1763770000204-add-risk.js';
import { JudgePayouts1763770000304 } from './1763770000304-judge-payouts.js';
import { AddCallRates1763770000404 } from './1763770000404-add-call-rates.js';
import { AddBatches1763770000504 } from './1763770000504-add-batches.js';
import { IndexEnds1763770000550 } from './1763770000550-index-ends.js';
import { AddBrake1763770000604 } from './1763770000604-add-brake.js';
import { AddSplits1763770000704 } from './1763770000704-add-splits.js';
import { AddSplitModes1763770000804 } from './1763770000804-add-split-modes.js';
import { AddWithheld1763770000904 } from './1763770000904-add-withheld.js';

/** What makes payout's own tables. */
export const payoutMigrations: readonly MigrationClass[] = [
  CreatePayouts1763770000004,
  AddMakers1763770000104,
  AddRisk1763770000204,
  JudgePayouts1763770000304,
  AddCallRates1763770000404,
  AddBatches1763770000504,
  IndexEnds1763770000550,
  AddBrake1763770000604,
  AddSplits1763770000704,
  AddSplitModes1763770000804,
  AddWithheld1763770000904,
];
