import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApprovalRow } from '@qingfen/approvals';
import type { Approval } from '@qingfen/contracts';
import { ServiceUnavailable } from '@qingfen/hosting';
import type { Publication } from './plan.service.js';
import { RulesHouse, start, userCalled, versionOf } from './rules-house.fixture.js';

const dayMs = 86_400_000;
const modest = { commission: { levels: [{ rate: '0.25' }] } };
const generous = {
  commission: { basis: 'flat', levels: [{ rate: '0.2' }, { rate: '0.050001' }] },
};

let house: RulesHouse;

beforeAll(async () => {
  house = await RulesHouse.build();
});

afterAll(() => house.drop());

function wantedOf(publication: Publication): ApprovalRow {
  if (publication.kind !== 'wanted') throw new Error(`it was ${publication.kind}`);
  return publication.approval;
}

/** A plan above the limit, asked for by `maker`: the id of its approval. */
async function asked(shopId: string, effectiveFrom: Date | null = null): Promise<string> {
  const publication = await house.publish(shopId, generous, { effectiveFrom, by: 'maker' });
  return `pa_${wantedOf(publication).approval_id}`;
}

function approve(shopId: string, approvalId: string, by: string): Promise<Approval> {
  const act = { shopId, caller: userCalled(by), reason: 'looked at it' };
  return house.approvals.approve(approvalId, act);
}

async function approvalsOf(shopId: string): Promise<Approval[]> {
  return (await house.approvals.list(shopId, {})).items;
}

async function audited(shopId: string): Promise<unknown[]> {
  const rows = await house.database.query<{ told: unknown[] }>(
    `SELECT json_build_array(action, actor, subject_type, subject_id) AS told
       FROM audit WHERE shop_id = $1 ORDER BY audit_id`,
    [shopId],
  );
  return rows.map(({ told }) => told);
}

function versionsOf(shopId: string): ReturnType<RulesHouse['plans']['list']> {
  return house.plans.list({ shopId, after: 0, limit: 100 });
}

describe('a plan whose commissions can come to more than the shop allows', () => {
  it('R-RUL-7 waits, and is published to the letter when a second person says yes', async () => {
    await house.put('s-yes');
    const id = await asked('s-yes');
    expect(await versionsOf('s-yes')).toEqual([]);
    expect(await house.said('settlement-plan-published', 's-yes')).toEqual([]);
    const [waiting] = await approvalsOf('s-yes');
    expect(waiting).toEqual({
      approvalId: id,
      wants: 'plan',
      summary: expect.stringMatching(/25\.0001%.*25%.*上限 25%/s),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      expiresAt: '2026-01-12T10:00:00+08:00',
      shopId: 's-yes',
      state: 'open',
      makers: ['maker'],
      requestedAt: '2026-01-05T10:00:00+08:00',
      decidedBy: null,
      decidedAt: null,
      reason: null,
    });

    const decided = { state: 'approved', decidedBy: 'second', reason: 'looked at it' };
    expect(await approve('s-yes', id, 'second')).toEqual({
      ...waiting,
      ...decided,
      decidedAt: '2026-01-05T10:00:00+08:00',
    });
    const [version, ...others] = await versionsOf('s-yes');
    expect(others).toEqual([]);
    expect(version?.plan).toMatchObject(generous);
    const [said] = await house.said('settlement-plan-published', 's-yes');
    expect(said).toMatchObject({ version: 1, hash: version?.hash, plan: version?.plan });
    const signed = await house.database.query(
      `SELECT published_by, approved_by FROM plan_version WHERE shop_id = 's-yes'`,
    );
    expect(signed).toEqual([{ published_by: 'maker', approved_by: 'second' }]);
    expect(await audited('s-yes')).toEqual([
      ['shop.create', 'admin', 'shop', 's-yes'],
      ['plan.request', 'maker', 'approval', id],
      ['plan.publish', 'second', 'plan-version', '1'],
      ['approval.approved', 'second', 'approval', id],
    ]);
  });

  it('R-RUL-7 is refused to its maker, by PostgreSQL as well', async () => {
    await house.put('s-maker');
    const id = await asked('s-maker');
    await expect(approve('s-maker', id, 'maker')).rejects.toMatchObject({
      problem: { status: 403, code: 'same-person' },
    });
    const forged = house.database.query(
      `UPDATE approval SET state = 'approved', decided_by = 'maker', decided_at = requested_at
        WHERE shop_id = 's-maker'`,
    );
    await expect(forged).rejects.toThrow(/check constraint/);
    await approve('s-maker', id, 'second');
    const signedTwice = house.database.query(
      `UPDATE plan_version SET approved_by = published_by WHERE shop_id = 's-maker'`,
    );
    await expect(signedTwice).rejects.toThrow(/check constraint/);
  });

  it('R-RUL-7 is not published when what waits is no longer what was asked for', async () => {
    await house.put('s-hash');
    const id = await asked('s-hash');
    await house.database.query(
      `UPDATE approval SET document = replace(document::text, '0.2"', '0.9"')::json
        WHERE shop_id = 's-hash'`,
    );
    await expect(approve('s-hash', id, 'second')).rejects.toThrow(/what was asked for/);
    expect(await versionsOf('s-hash')).toEqual([]);
  });

  it('R-RUL-7 is one approval however often it is asked for, and one version', async () => {
    await house.put('s-once');
    const ids = await Promise.all(Array.from({ length: 10 }, () => asked('s-once')));
    expect(new Set(ids).size).toBe(1);
    const [id = ''] = ids;
    const other = await asked('s-once', new Date(start.getTime() + dayMs));
    expect(other).not.toBe(id);
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => approve('s-once', id, `second-${at}`)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await versionsOf('s-once')).toHaveLength(1);
    expect(await asked('s-once')).not.toBe(id);
  });

  it('is not published when it is rejected, by its maker too', async () => {
    await house.put('s-no');
    const id = await asked('s-no');
    const act = { shopId: 's-no', caller: userCalled('maker'), reason: 'a typing error' };
    expect(await house.approvals.reject(id, act)).toMatchObject({ state: 'rejected' });
    await expect(approve('s-no', id, 'second')).rejects.toMatchObject({
      problem: { status: 409, code: 'not-in-this-state' },
    });
    expect(await versionsOf('s-no')).toEqual([]);
  });

  it('R-RUL-5 answers the yes only when the broker has the version; it may be said again', async () => {
    await house.put('s-broker');
    const id = await asked('s-broker');
    house.isAcknowledged = false;
    await expect(approve('s-broker', id, 'second')).rejects.toMatchObject({
      problem: { status: 503, code: 'unavailable' },
    });
    house.isAcknowledged = true;
    expect(await approve('s-broker', id, 'second')).toMatchObject({ state: 'approved' });
    expect(await versionsOf('s-broker')).toHaveLength(1);
    await expect(approve('s-broker', id, 'third')).rejects.toMatchObject({
      problem: { status: 409 },
    });
  });

  it('R-RUL-5 is refused too early when asked for, and when approved', async () => {
    await house.put('s-early', { noticePeriodDays: 3 });
    const early = await house.publish('s-early', generous, { effectiveFrom: start });
    expect(early).toMatchObject({ kind: 'refused', errors: [{ pointer: '/effectiveFrom' }] });
    const id = await asked('s-early', new Date(start.getTime() + 3 * dayMs));
    await house.put('s-early', { noticePeriodDays: 4 });
    await expect(approve('s-early', id, 'second')).rejects.toMatchObject({
      problem: {
        status: 409,
        code: 'no-longer-possible',
        detail: expect.stringContaining('2026-01-09T10:00:00'),
      },
    });
    expect(await approvalsOf('s-early')).toMatchObject([{ state: 'open' }]);
    expect(await versionsOf('s-early')).toEqual([]);
  });

  it('R-RUL-7 is neither published nor kept while nobody says what the limit is', async () => {
    await house.put('s-unknown');
    const { limits } = house;
    house.limits = null;
    try {
      await expect(house.publish('s-unknown', modest)).rejects.toThrow(ServiceUnavailable);
      expect(await approvalsOf('s-unknown')).toEqual([]);
      const without = { platformFee: { rate: '1' }, supplier: {} };
      expect(versionOf(await house.publish('s-unknown', without)).version).toBe(1);
    } finally {
      house.limits = limits;
    }
    expect(versionOf(await house.publish('s-unknown', modest)).version).toBe(2);
  });

  it('is nobody’s in a shop that is not there, and by an id that is not ours', async () => {
    expect(await house.publish('s-none', generous)).toEqual({ kind: 'no-shop' });
    await expect(house.approvals.list('s-none', {})).rejects.toMatchObject({
      problem: { status: 404 },
    });
    await house.put('s-ids');
    for (const id of ['ap_1', 'pa_0', 'pa_x', 'pa_999999', 'pa_1_1']) {
      await expect(approve('s-ids', id, 'second')).rejects.toMatchObject({
        problem: { status: 404 },
      });
    }
  });

  it('R-RUL-7 expires after 7 days of business time', async () => {
    await house.put('s-late');
    const id = await asked('s-late');
    house.clock.take(new Date(start.getTime() + 7 * dayMs));
    await expect(approve('s-late', id, 'second')).rejects.toMatchObject({
      problem: { status: 409, code: 'approval-expired' },
    });
    expect(await approvalsOf('s-late')).toMatchObject([{ state: 'expired' }]);
    const late = house.database.query(
      `UPDATE approval SET state = 'approved', decided_by = 'second', decided_at = expires_at
        WHERE shop_id = 's-late'`,
    );
    await expect(late).rejects.toThrow(/check constraint/);
    expect(await asked('s-late')).not.toBe(id);
    expect(await versionsOf('s-late')).toEqual([]);
  });
});
