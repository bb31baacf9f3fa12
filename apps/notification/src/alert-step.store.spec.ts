import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import type { AlertState, AlertStep } from './alert-state.js';
import { appendSteps, auditedSteps } from './alert-step.store.js';
import { notificationService } from './index.js';
import { AddAlertSteps1763770000301 } from './migrations/1763770000301-add-alert-steps.js';

let scratch: ScratchDatabase;
beforeAll(async () => {
  const { migrations } = notificationService;
  const before = migrations.filter((one) => one !== AddAlertSteps1763770000301);
  scratch = await scratchDatabase({
    migrations: migrationsOf({ migrations: before }),
    schema: 'notification',
  });
});
afterAll(() => scratch.drop());

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day, 4));
const january = { from: at(1), to: at(32), after: '0', limit: 100 };

function step(what: AlertStep['what'], day: number, raisedDay: number): AlertStep {
  const alert: AlertState = {
    ...{ shopId: 's-1', alertId: 'al-1', class: 'no-plan', severity: 'warning' },
    subject: { type: 'order', id: 'o-1' },
    ...{ message: 'm', messageZh: '中', ends: 'by-itself', raisedBy: 'rules' },
    ...{ raisedAt: at(raisedDay), resolvedAt: null, acknowledged: null },
  };
  return { what, at: at(day), by: 'rules', reason: null, alert };
}

it('R-OPS-3 R-ALR-1 of alerts from before steps were kept, what their state tells is kept', async () => {
  await scratch.database.query(
    `INSERT INTO alert_state (shop_id, alert_id, state, class, severity, subject_type, subject_id,
       message, message_zh, raised_at, resolved_at, raised_by, acknowledged_by, acknowledged_at,
       acknowledged_reason)
     VALUES ('s-0', 'al-0', 'resolved', 'c', 'info', 't', 'i', 'm', 'z', $1, $2, 'rules', 'olga', $3, 'seen')`,
    [at(2), at(4), at(3)],
  );
  await new AddAlertSteps1763770000301().up(scratch.database);
  const told = await auditedSteps(scratch.database, { ...january, shopId: 's-0' });
  expect(told.map(([, , what, when, , , , , , , , by]) => [what, when, by])).toEqual([
    ['raised', +at(2), 'rules'],
    ['acknowledged', +at(3), 'olga'],
    ['resolved', +at(4), null],
  ]);
});

it('R-OPS-3 R-ALR-1 a month has what happened in it, and since to what was raised in it', async () => {
  const { database } = scratch;
  await database.transaction((tx) =>
    appendSteps(tx, [
      step('raised', -5, -5),
      step('resolved', 2, -5),
      step('raised', 30, 30),
      step('acknowledged', 40, 30),
      step('raised', 41, 41),
    ]),
  );
  const told = await auditedSteps(database, { ...january, shopId: 's-1' });
  expect(told.map(([, , what, when]) => [what, when])).toEqual([
    ['resolved', +at(2)],
    ['raised', +at(30)],
    ['acknowledged', +at(40)],
  ]);
  const [first] = await auditedSteps(database, { ...january, shopId: 's-1', limit: 1 });
  const behind = { ...january, shopId: 's-1', after: first?.[0] ?? '' };
  expect(await auditedSteps(database, behind)).toEqual(told.slice(1));
  await expect(database.query('DELETE FROM alert_step')).rejects.toThrow('appended to');
});
