import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import { ProblemError } from '@qingfen/hosting';
import type { Caller, Role } from '@qingfen/security';
import { ApprovalController } from './approval.controller.js';
import { DifferenceController } from './difference.controller.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationHouse, type Sides } from './reconciliation-house.fixture.js';

let house: ReconciliationHouse;
let differences: DifferenceController;
let approvals: ApprovalController;
let reports: ReconciliationController;

beforeAll(async () => {
  house = await ReconciliationHouse.open();
  const { database, units, clock, worker, bills } = house;
  differences = new DifferenceController(database, units, clock);
  approvals = new ApprovalController(database, units, clock, worker);
  reports = new ReconciliationController(database, units, clock, bills, worker);
});
afterAll(() => house.close());

const callerWith = (subject: string, role: Role): Caller => ({
  issuer: 'gateway',
  subject,
  roles: [{ role, shopId: '*' }],
  requestId: 'r-1',
});
const maker = callerWith('wang', 'operator');
const reason = '店主发放的奖金';

interface Scene extends Sides {
  readonly day: string;
  readonly differenceId: string;
}

/** A shop of which somebody was paid 9.00 by hand. */
async function scene(): Promise<Scene> {
  const sides = await house.shop();
  const day = nextDay(beijingDay(house.clock.now()));
  await house.moveTo(new Date(+dayStart(day) + 3_600_000));
  sides.alipay.move(house.clock.now(), -900n);
  await house.liveThroughBillOf(day);
  const [found] = await house.differences(sides.shopId, 'open');
  return { ...sides, day, differenceId: found?.differenceId ?? '' };
}

async function problemOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return [error.problem.status, error.problem.code];
    throw error;
  }
  return null;
}

const approve = (shopId: string, approvalId: string, by: string): Promise<unknown> =>
  approvals.approve(approvalId, { shopId, caller: callerWith(by, 'approver'), reason: 'ok' });

describe('closing a difference', () => {
  it.each([
    ['explained', 'owner'],
    ['corrected', 'expense:adjustment'],
  ] as const)(
    'R-REC-3 R-SEC-4 as %s takes two people, and moves its cash to %s',
    async (as, account) => {
      const { shopId, ledger, day, differenceId } = await scene();
      const owned = ledger.balanceOf(account);
      const wanted = await differences.close(shopId, differenceId, { as, reason }, maker);
      const again = await differences.close(shopId, differenceId, { as, reason }, maker);
      expect(again).toEqual(wanted);
      expect((await approvals.list(shopId, {})).items).toMatchObject([
        { state: 'open', wants: 'difference' },
      ]);
      expect(ledger.balanceOf('suspense')).toBe(900n);
      expect(await problemOf(approve(shopId, wanted.approvalId, 'wang'))).toEqual([
        403,
        'same-person',
      ]);
      await approve(shopId, wanted.approvalId, 'li');
      await house.bookings.bookDifferences(shopId);
      expect([ledger.balanceOf('suspense'), ledger.balanceOf(account) - owned]).toEqual([0n, 900n]);
      const shown = await reports.read(shopId, day);
      expect(shown.differences).toMatchObject([
        { state: as, closed: { by: 'wang', approvedBy: 'li', reason } },
      ]);
      // It stays closed, whatever is compared again.
      await house.again(shopId, day);
      expect(await house.differences(shopId)).toHaveLength(1);
      expect(
        await problemOf(differences.close(shopId, differenceId, { as, reason }, maker)),
      ).toEqual([409, 'not-in-this-state']);
      const row = await house.dayOf(shopId, day);
      expect(row.ledgerMinor).toBe(row.alipayMinor);
    },
  );

  it('R-REC-3 R-SEC-4 the database itself refuses one person, and a way back', async () => {
    const { shopId, differenceId } = await scene();
    const alone = `UPDATE difference SET state = 'explained', closed_by = 'wang', approved_by = 'wang',
      closed_at = now() WHERE shop_id = $1 AND difference_id = $2`;
    await expect(house.database.query(alone, [shopId, differenceId])).rejects.toThrow('check');
    const clear = `UPDATE difference SET state = $3, closed_at = $4 WHERE shop_id = $1 AND difference_id = $2`;
    await house.database.query(clear, [shopId, differenceId, 'cleared', new Date()]);
    const back = house.database.query(clear, [shopId, differenceId, 'open', null]);
    await expect(back).rejects.toThrow('stays closed');
  });

  it('R-REC-3 what was asked for and is no longer so is not closed', async () => {
    const { shopId, alipay, ledger, day, differenceId } = await scene();
    const wanted = await differences.close(
      shopId,
      differenceId,
      { as: 'explained', reason },
      maker,
    );
    // Alipay's next file of the day has another amount under the same number.
    const [line] = alipay.lines;
    if (line === undefined) throw new Error('somebody was paid by hand');
    Object.assign(line, { amountMinor: -901n });
    await house.again(shopId, day);
    expect(await problemOf(approve(shopId, wanted.approvalId, 'li'))).toEqual([
      409,
      'no-longer-possible',
    ]);
    expect(ledger.balanceOf('suspense')).toBe(901n);
  });

  it('R-REC-1 R-SEC-3 a day is begun by hand, noted in the audit, and refused before its bill', async () => {
    const { shopId, day } = await scene();
    const early = { day: nextDay(day) };
    expect(await problemOf(reports.begin(shopId, early, maker))).toEqual([409, 'bill-not-ready']);
    expect(await reports.begin(shopId, { day }, maker)).toEqual({ day, state: 'running' });
    await house.rests();
    expect(await reports.read(shopId, day)).toMatchObject({ state: 'done' });
    const acts = await house.database.query<{ action: string }>(
      'SELECT action FROM audit WHERE shop_id = $1 ORDER BY audit_id',
      [shopId],
    );
    expect(acts.map(({ action }) => action)).toEqual(['reconciliation.begin']);
    const said = (await house.saidOn('reconciliation-completed')).filter(
      (one) => one['shopId'] === shopId,
    );
    expect(said).toMatchObject([
      { day, differenceCount: 1 },
      { day, differenceCount: 1 },
    ]);
  });

  it.each([
    [{ status: 409, code: 'bill-not-ready' }, [409, 'bill-not-ready']],
    [{ status: 422, code: 'bill-refused' }, [409, 'bill-refused']],
    [{ status: 503, code: 'bill-unclear' }, [503, 'bill-unclear']],
    [Buffer.from('<html>'), [409, 'bill-unreadable']],
  ])(
    'R-REC-1 F25 a day without a bill is refused with the reason: %#',
    async (instead, expected) => {
      const { shopId, alipay, day } = await scene();
      alipay.instead.set(day, instead);
      expect(await problemOf(reports.begin(shopId, { day }, maker))).toEqual(expected);
      expect(await house.dayOf(shopId, day)).toMatchObject({ state: 'done', completions: 1 });
      house.closeShop(shopId);
    },
  );

  it('R-REC-3 R-REC-1 differences of all days are one list, page by page, oldest first', async () => {
    const { shopId, alipay } = await scene();
    for (const fen of [-1n, -2n, -3n]) {
      alipay.move(house.clock.now(), fen);
      await house.liveThroughBillOf(beijingDay(house.clock.now()));
    }
    const shown: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await differences.list(shopId, {
        limit: '2',
        ...(cursor === null ? {} : { cursor }),
      });
      shown.push(...page.items.map(({ amount }) => amount));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(shown).toEqual(['9.00', '0.01', '0.02', '0.03']);
    const [oldest] = (await differences.list(shopId, { state: 'open', limit: '1' })).items;
    expect(oldest).toMatchObject({ ageDays: 3, suggestion: expect.stringContaining('by hand') });
  });
});
