import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import { PageSigner } from '@qingfen/hosting';
import { makeSecrets, type Caller, type Role } from '@qingfen/security';
import { ApprovalController } from './approval.controller.js';
import { AuditController } from './audit.controller.js';
import { auditedClosings, auditedDifferences, auditedSteps } from './audit.store.js';
import { DifferenceController } from './difference.controller.js';
import { ReconciliationHouse, type Sides } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;
let differences: DifferenceController;
let approvals: ApprovalController;
let sides: Sides;
/** The days on which somebody was paid by hand, and how the differences of them are called. */
const ids: string[] = [];
const hour = 3_600_000;

beforeAll(async () => {
  house = await ReconciliationHouse.open();
  const { database, units, clock, worker } = house;
  differences = new DifferenceController(database, units, clock);
  approvals = new ApprovalController(database, units, clock, worker);
  sides = await house.shop();
  for (const amount of [-900n, -700n]) {
    const day = nextDay(beijingDay(clock.now()));
    await house.moveTo(new Date(+dayStart(day) + hour));
    sides.alipay.move(clock.now(), amount);
    await house.liveThroughBillOf(day);
    const open = await house.differences(sides.shopId, 'open');
    ids.push(...open.flatMap(({ differenceId: id }) => (ids.includes(id) ? [] : [id])));
  }
  await closed(ids[0] ?? '');
});
afterAll(() => house.close());

const callerWith = (subject: string, role: Role): Caller => ({
  issuer: 'gateway',
  subject,
  roles: [{ role, shopId: '*' }],
  requestId: 'r-1',
});

/** Asked for by one, refused by another, asked for again and approved. */
async function closed(differenceId: string): Promise<void> {
  const { shopId } = sides;
  const body = { as: 'explained', reason: '奖金' };
  const maker = callerWith('wang', 'operator');
  const act = { shopId, caller: callerWith('li', 'approver') };
  const first = await differences.close(shopId, differenceId, body, maker);
  await approvals.reject(first.approvalId, { ...act, reason: 'whose?' });
  const second = await differences.close(shopId, differenceId, body, maker);
  await approvals.approve(second.approvalId, { ...act, reason: 'seen' });
}

const all = (from: Date, to: Date) => ({ shopId: sides.shopId, from, to, after: '0', limit: 100 });
const past = new Date('2025-01-01T00:00:00Z');
const later = new Date('2027-01-01T00:00:00Z');

it('R-OPS-3 R-REC-3 tells a difference with its whole life: opened, asked for, refused, approved, closed', async () => {
  const { database } = house;
  const [first = '', second = ''] = ids;
  const told = await auditedDifferences(database, all(past, later));
  expect(told.map(([id]) => id)).toEqual([first, second].sort());
  const fields = told.find(([id]) => id === first);
  expect(fields?.slice(2, 9)).toEqual([
    ...['lines', 'unknown-transfer-out', fields?.[4], fields?.[5]],
    ...['CNY', '900', 'explained'],
  ]);
  expect(fields?.slice(11, 14)).toEqual(['wang', 'li', '奖金']);
  const steps = await auditedSteps(database, all(past, later));
  const states = (id: string) =>
    steps.filter(([place]) => place.startsWith(`${id}/`)).map((step) => step[3]);
  expect([states(first), states(second)]).toEqual([['open', 'explained'], ['open']]);
  const closings = await auditedClosings(database, all(past, later));
  expect(closings.map((one) => [...one.slice(1, 5), one[7], one[8], one[10]])).toEqual([
    [first, 'explained', '奖金', ['wang'], 'rejected', 'li', 'whose?'],
    [first, 'explained', '奖金', ['wang'], 'approved', 'li', 'seen'],
  ]);
});

it('R-OPS-3 tells what was open at some instant of the span, and nothing that was over before or came after', async () => {
  const { database } = house;
  const [first = '', second = ''] = ids;
  const opened = async (id: string, column: string): Promise<Date> => {
    const [row] = await database.query<{ at: Date }>(
      `SELECT ${column} AS at FROM difference WHERE shop_id = $1 AND difference_id = $2`,
      [sides.shopId, id],
    );
    return row?.at ?? past;
  };
  const within = async (from: Date, to: Date): Promise<string[]> =>
    (await auditedDifferences(database, all(from, to))).map(([id]) => id);
  const [begun, ended] = [await opened(first, 'opened_at'), await opened(first, 'closed_at')];
  expect(await within(past, begun)).toEqual([]);
  expect(await within(past, new Date(+begun + 1))).toEqual([first]);
  expect(await within(ended, later)).toEqual([first, second].sort());
  expect(await within(new Date(+ended + 1), later)).toEqual([second]);
  expect((await auditedSteps(database, all(new Date(+ended + 1), later))).length).toBe(1);
  expect(await auditedClosings(database, all(new Date(+ended + 1), later))).toEqual([]);
});

it('R-OPS-3 goes on behind any record, and signs each page with what comes before and after it', async () => {
  const steps = await auditedSteps(house.database, all(past, later));
  const paged: unknown[] = [];
  for (let after = '0'; ;) {
    const [one] = await auditedSteps(house.database, { ...all(past, later), after, limit: 1 });
    if (one === undefined) break;
    paged.push(one);
    after = one[0];
  }
  expect(paged).toEqual(steps);
  const secrets = makeSecrets();
  const pages = new PageSigner({ service: 'reconciliation', secrets });
  const audit = new AuditController(house.database, pages);
  const query = { from: past.toISOString(), to: later.toISOString() };
  const page = await audit.differences(sides.shopId, query);
  const head = ['differences', 'reconciliation', sides.shopId, +past, +later, '0', true];
  const text = JSON.parse(page.text);
  expect([text.slice(0, 7), text[7].length, page.nextCursor]).toEqual([head, 2, null]);
  expect(page.publicKey).toBe(secrets.services.reconciliation.signingKey.publicKeyPem);
});
