import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { launchSystem } from '@qingfen/local';

/** The journeys' first instant: a Monday morning, after that day's runs. */
const clock = 'virtual:2026-03-02T10:00:00+08:00';

/** The operator of one shop reads its days: mails of all shops and days would only cost time. */
const operators = {
  OPERATOR_MAIL_TO: 'operator.{shopId}@operators.example.test',
  OPERATOR_MAIL_SHOPS: 'shop-told-daily',
};

/** Proofs want a signed head: a minute apart, as in production, they would be most of a test's time. */
const heads = { LEDGER_HEAD_SECONDS: '3' };

/** Starts the built system once and tells the tests where it is. */
export default async function setup() {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'qingfen-journeys-'));
  const system = await launchSystem({
    dataDir,
    env: { QINGFEN_CLOCK: clock, ...operators, ...heads },
  });
  process.env.QINGFEN_E2E_SYSTEM = JSON.stringify(system.ready);
  globalThis.qingfenJourneys = { system, dataDir };
}
