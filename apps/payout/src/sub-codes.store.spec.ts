import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LISTED_SUB_CODES } from '@qingfen/alipay';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled } from './payout-house.fixture.js';
import type { PayoutKey } from './payout.store.js';
import { subCodeFates, type Fate } from './sub-codes.fixture.js';
import { until, type Moved } from './sandbox.fixture.js';

const transfer = 'alipay.fund.trans.uni.transfer';
const query = 'alipay.fund.trans.common.query';

/** A payout that Alipay answers with a sub-code when it is first given to it. */
interface Row {
  readonly subCode: string;
  readonly fate: Fate;
  readonly key: PayoutKey;
  readonly appId: string;
  /** Another one of the shop behind it, where the answer is about the whole shop. */
  readonly behind: PayoutKey | null;
}

let house: PayoutHouse;
const rows: Row[] = [];
const fates: readonly Fate[] = [...new Set(subCodeFates.map(({ fate }) => fate))];
const of = (fate: Fate): Row[] => rows.filter((row) => row.fate === fate);
const stateOf = (fate: Fate): string => fate.replace(/^failed:.*/, 'failed');

/** A system of its own for the whole table, with a payout for each code. */
beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker(32);
  const shared = await house.scene();
  for (const { subCode, fate } of subCodeFates) {
    const isShopWide = fate === 'waiting:funds' || fate === 'waiting:credentials';
    const { shopId, appId, key } = isShopWide ? await house.scene() : shared;
    const payeeId = `p-${subCode}`;
    const identity = await house.payee(shopId, payeeId);
    await house.sandbox.addFault({
      api: transfer,
      fault: 'sub-code',
      match: { identity },
      subCode,
    });
    const behind = isShopWide ? key('behind') : null;
    rows.push({ subCode, fate, key: key(subCode), appId, behind });
  }
  await house.request(
    ...rows.map(({ key, subCode }) => house.instruction(key, { payeeId: `p-${subCode}` })),
  );
  for (const { key, fate } of rows) await house.reaches(key, stateOf(fate));
  await house.request(...rows.flatMap(({ behind }) => (behind ? [house.instruction(behind)] : [])));
  for (const { behind, fate } of rows) if (behind) await house.reaches(behind, fate);
  await questionsAreAsked();
}, 240_000);

afterAll(() => house.close());

/** No question on real time is due any more. */
async function questionsAreAsked(): Promise<void> {
  await until(
    'every question on real time is asked',
    () => house.sql<object>(`SELECT FROM payout WHERE ask_real_at IS NOT NULL`),
    { deadlineMs: 60_000, holds: (due) => due.length === 0 },
  );
}

async function callsOf(key: PayoutKey): Promise<string[]> {
  const calls = await house.sandbox.requests(outBizNoOf(key));
  return calls.map(({ method }) => method);
}

async function factsOf({ shopId, payoutId }: PayoutKey): Promise<{
  failure: { subCode: string } | null;
  payeeFault: boolean;
  recheckAt: Date | null;
}> {
  const [row] = await house.sql<Awaited<ReturnType<typeof factsOf>>>(
    `SELECT failure, payee_fault AS "payeeFault", recheck_at AS "recheckAt" FROM payout
      WHERE shop_id = $1 AND payout_id = $2`,
    [shopId, payoutId],
  );
  if (row === undefined) throw new Error('no such payout');
  return row;
}

async function alertsOn(shopId: string, subjectId: string): Promise<string[]> {
  const alerts = await house.sql<{ class: string }>(
    `SELECT class FROM alert WHERE shop_id = $1 AND subject_id = $2 AND state = 'raised'`,
    [shopId, subjectId],
  );
  return alerts.map((alert) => alert.class).sort();
}

async function resultOf(key: PayoutKey): Promise<Record<string, unknown> | undefined> {
  const said = await house.saidOn('payout-result');
  return said.find((one) => one['shopId'] === key.shopId && one['payoutId'] === key.payoutId);
}

describe('the whole table of sub-codes', () => {
  it('R-ALI-1 R-OPS-5 is the one that is documented, row for row', () => {
    const families = ['FLEXIBLE_STAFFING_ANY', 'SIGN_INVALID', 'SHARING_ANY'];
    const extra = [...families, 'A_CODE_THAT_NO_LIST_HAS'];
    const driven = subCodeFates.map(({ subCode }) => subCode);
    expect([...driven].sort()).toEqual([...LISTED_SUB_CODES, ...extra].sort());
    expect(rows).toHaveLength(driven.length);
  });

  it.each(subCodeFates)('R-FAI-1 $subCode: $fate', async ({ subCode, fate }) => {
    const row = rows.find((one) => one.subCode === subCode);
    if (row === undefined) throw new Error('every code has a payout');
    await expectFirst(row);
    expect(await house.stateOf(row.key)).toBe(stateOf(fate));
  });
});

/** What has become of a payout after Alipay's first answer. */
async function expectFirst({ fate, key, behind, subCode }: Row): Promise<void> {
  const facts = await factsOf(key);
  const calls = await callsOf(key);
  switch (fate) {
    case 'unknown': {
      // Asked about, and not sent again while nobody knows.
      expect(calls).toEqual([transfer, query, query, query]);
      const conflicts = ['PAYMENT_INFO_INCONSISTENCY', 'BIZ_UNIQUE_EXCEPTION'].includes(subCode);
      const alerts = await alertsOn(key.shopId, key.payoutId);
      expect(alerts).toEqual([
        ...(conflicts ? ['payout-number-conflict'] : []),
        'payout-unknown',
        ...(subCode === 'A_CODE_THAT_NO_LIST_HAS' ? ['payout-unlisted-code'] : []),
      ]);
      return;
    }
    case 'failed:payee':
    case 'failed:request': {
      // With evidence, for the payee or for the operator; settlement-calculator hears which.
      const isPayees = fate === 'failed:payee';
      expect(calls).toEqual([transfer, query]);
      expect(facts).toMatchObject({ failure: { subCode }, payeeFault: isPayees });
      expect(await resultOf(key)).toMatchObject({ status: 'failed', payeeFault: isPayees });
      expect(await alertsOn(key.shopId, key.payoutId)).toEqual(['payout-failed']);
      return;
    }
    case 'review':
      expect(calls).toEqual([transfer, query]);
      expect(await alertsOn(key.shopId, key.payoutId)).toEqual(['payout-review']);
      return;
    default: {
      expect(calls).toEqual([transfer]);
      expect(facts).toMatchObject({ failure: { subCode } });
      expect(facts.recheckAt?.getTime()).toBeGreaterThan(house.clock.now().getTime());
      if (behind === null) return;
      // The shop is paused: what is behind was not even tried.
      expect(await callsOf(behind)).toEqual([]);
      const alert = fate === 'waiting:funds' ? 'payout-funds' : 'payout-credentials';
      expect(await alertsOn(key.shopId, key.shopId)).toEqual([alert]);
    }
  }
}

describe('afterwards', () => {
  beforeAll(async () => {
    const approver = userCalled('approver');
    for (const { key } of of('review')) {
      await house.payouts.act({ key, act: 'approve', caller: approver, reason: 'looked at' });
    }
    house.move(house.later(11));
    await questionsAreAsked();
    house.move(house.later(25 * 60)); // the next day, on which Alipay's limits begin anew
  }, 120_000);

  it.each(fates)(
    'R-FAI-1 R-ALI-1 the end of what is %s',
    async (fate) => {
      const isFailed = fate.startsWith('failed');
      for (const { key, behind, appId } of of(fate)) {
        await house.reaches(key, isFailed ? 'failed' : 'succeeded');
        const calls = (await callsOf(key)).filter((method) => method === transfer);
        expect([key.payoutId, calls.length]).toEqual([key.payoutId, isFailed ? 1 : 2]);
        const moved = (await house.sandbox.transfers(appId)).map(({ outBizNo }) => outBizNo);
        const ours = moved.filter((outBizNo) => outBizNo === outBizNoOf(key));
        expect([key.payoutId, ours.length]).toEqual([key.payoutId, isFailed ? 0 : 1]);
        if (behind === null) continue;
        await house.reaches(behind, 'succeeded');
        const inOrder = (await house.sandbox.transfers(appId)).map((one: Moved) => one.outBizNo);
        expect(inOrder).toEqual([outBizNoOf(key), outBizNoOf(behind)]);
        expect(await alertsOn(key.shopId, key.shopId)).toEqual([]);
      }
    },
    120_000,
  );
});
