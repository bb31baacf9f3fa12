import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RiskBody } from '@qingfen/contracts';
import { PayoutHouse, userCalled } from './payout-house.fixture.js';
import { RiskBook } from './risk-book.js';
import { RiskController } from './risk.controller.js';

let house: PayoutHouse;
let risks: RiskController;
let strict: RiskController;
beforeAll(async () => {
  house = await PayoutHouse.open();
  risks = controllerIn('local-sandbox');
  strict = controllerIn('production');
});
afterAll(() => house.close());

function controllerIn(environment: 'local-sandbox' | 'production'): RiskController {
  const { database, units, wake } = house;
  return new RiskController(database, units, new RiskBook({ environment }), wake);
}

const put = (shopId: string, body: RiskBody, by = 'ada') => risks.put(shopId, body, userCalled(by));

async function audited(shopId: string): Promise<{ actor: string; raised: string[] }[]> {
  return house.sql(
    `SELECT actor, after -> 'raised' AS raised FROM audit
      WHERE shop_id = $1 AND action = 'risk.change' ORDER BY audit_id`,
    [shopId],
  );
}

/** Pointers of what was refused. */
async function refused(work: Promise<unknown>): Promise<string[]> {
  const error: unknown = await work.then(
    () => 'not refused',
    (reason: unknown) => reason,
  );
  if (typeof error !== 'object' || error === null || !('problem' in error)) return [String(error)];
  const { errors } = error.problem as { errors: { pointer: string }[] };
  return errors.map(({ pointer }) => pointer);
}

describe('R-RSK-1 a shop’s limits and lists', () => {
  it('R-RSK-1 are those of the installation’s kind until somebody changes them', async () => {
    expect(await risks.read('s-none')).toEqual({
      perPayout: { review: null, block: null },
      payeeDaily: null,
      shopDaily: null,
      frequency: null,
      coolingOffHours: 0,
      sameAccount: 'pass',
      anomaly: 'shadow',
      payoutRatioMax: '1',
      manualMax: null,
      brake: { failures: null, total: null, balanceMin: null },
      allow: [],
      block: [],
    });
    expect(await strict.read('s-none')).toMatchObject({
      coolingOffHours: 24,
      sameAccount: 'review',
      payoutRatioMax: '0.50',
      manualMax: '0.00',
    });
  });

  it('R-RSK-1 R-SEC-3 are changed by what is named, and each change audited with what it raises', async () => {
    const first = await put('s-1', { payoutRatioMax: '0.60', payeeDaily: '5000' });
    expect(first).toMatchObject({ payoutRatioMax: '0.60', payeeDaily: '5000.00', shopDaily: null });
    const second = await put('s-1', { payeeDaily: null, payoutRatioMax: '0.5' }, 'bob');
    expect(second).toEqual({ ...first, payeeDaily: null, payoutRatioMax: '0.5' });
    expect(await put('s-1', { payoutRatioMax: '0.50' })).toEqual(second);
    expect(await risks.read('s-1')).toEqual(second);
    expect(await audited('s-1')).toEqual([
      { actor: 'ada', raised: [] },
      { actor: 'bob', raised: ['/payeeDaily'] },
    ]);
    expect(await strict.read('s-1')).toEqual(second);
  });

  it('R-RSK-3 keep lists with reasons and an end, as the shop’s clocks show it', async () => {
    const block = [
      { payeeId: 'd-1', reason: '刷单', until: null },
      { payeeId: 'd-2', reason: 'x', until: '2026-02-01T00:00:00Z' },
    ];
    const shown = await put('s-lists', { block });
    expect(shown.block).toEqual([block[0], { ...block[1], until: '2026-02-01T08:00:00+08:00' }]);
    expect((await risks.read('s-lists')).block).toEqual(shown.block);
  });

  it('R-RSK-1 are refused whole, with a pointer for everything wrong', async () => {
    const list = [{ payeeId: 'd-1', reason: 'x', until: null }];
    const bad = {
      payoutRatioMax: '1.1',
      perPayout: { review: '9', block: '8' },
      allow: [...list, ...list],
    };
    expect(await refused(put('s-bad', bad))).toEqual([
      '/perPayout/block',
      '/payoutRatioMax',
      '/allow/1/payeeId',
    ]);
    const shapes: unknown = { payeeDaily: '-1', manualMax: '1.001', coolingOffHours: 1.5, x: 1 };
    expect(await refused(risks.put('s-bad', shapes, userCalled('ada')))).toEqual([
      '/payeeDaily',
      '/coolingOffHours',
      '/manualMax',
      '/x',
    ]);
    expect(await risks.read('s-bad')).toEqual(await risks.read('s-none'));
    expect(await audited('s-bad')).toEqual([]);
  });

  it('R-RSK-1 lose nothing when twenty change them side by side', async () => {
    const changes = Array.from({ length: 20 }, (_, index): RiskBody => {
      return index % 2 === 0 ? { shopDaily: `${index}.00` } : { payeeDaily: `${index}.00` };
    });
    await Promise.all(changes.map((body) => put('s-race', body)));
    const { shopDaily, payeeDaily } = await risks.read('s-race');
    expect(changes).toContainEqual({ shopDaily });
    expect(changes).toContainEqual({ payeeDaily });
    expect(await audited('s-race')).toHaveLength(20);
  });
});
