import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SecondPersonLimits } from '@qingfen/approvals';
import { parseRate } from '@qingfen/money';
import type { PlanDocument } from './manual.fixture.js';
import { ownGoods, supplied } from './sales.fixture.js';
import { levels, noLimits, TryingRoom } from './simulation.fixture.js';

let room: TryingRoom;
beforeAll(async () => {
  room = await TryingRoom.open('2026-01-10T10:00:00+08:00');
});
afterAll(() => room.close());

describe('R-RUL-7 warnings', () => {
  it('R-RUL-7 names who loses more than a tenth, the most first', async () => {
    const shopId = await room.sales.newShop('losers', [], {
      ...ownGoods,
      commission: { levels: levels('0.5', '0.5') },
    });
    await room.sales.sold([room.sales.order(shopId, { distributors: ['d-1', 'd-2'] })]);
    const draft = { ...ownGoods, commission: { levels: levels('0.45', '0.2') } };
    const { warnings } = await room.simulate(shopId, draft);
    // d-1: 40.50 of 45.00, just a tenth less; d-2: 9.90 of 22.50.
    expect(warnings).toEqual([
      {
        pointer: '',
        message: '1 payee would be owed less by more than 10%: d-2 (commission) −12.60, −56%.',
        messageZh: '1 个收款方的应得金额将减少 10% 以上：d-2 (commission) −12.60, −56%。',
      },
    ]);
  });

  it('R-RUL-7 tells of lines on which a fixed or least amount is cut, and of lines that are all fee', async () => {
    const shopId = await room.sales.newShop('cuts', [], {
      ...ownGoods,
      commission: { levels: levels('0') },
    });
    const item = (itemId: string, amount: string) => ({ itemId, supplierId: 's-1', amount });
    const items = [item('1', '100.00'), item('2', '8.00'), item('3', '1.99')];
    await room.sales.sold([room.sales.order(shopId, { items, distributors: ['d-1', 'd-2'] })]);
    const draft: PlanDocument = {
      returnWindowDays: 0,
      platformFee: { rate: '0', min: '2.00' },
      commission: { basis: 'gross', levels: [{ rate: '0.1' }, { fixed: '5.00', rate: '0.1' }] },
    };
    const { warnings } = await room.simulate(shopId, draft);
    // Of 8.00 the fee is 2.00 and level 1 has 0.80: 5.20 are left of 5.80; of 1.99 nothing is.
    expect(warnings.map(({ pointer, message }) => [pointer, message])).toEqual([
      [
        '/plan/commission/levels/1/fixed',
        'On 2 lines a fixed or least amount is more than is left of the line and is cut: ' +
          'order o-1, line 2, level 2: 5.20 instead of 5.80; order o-1, line 3, level 1: 0.00 instead of 0.20.',
      ],
      [
        '/plan/platformFee/min',
        "Of 1 line the platform's least fee takes everything; nothing is left for anybody else.",
      ],
    ]);
  });

  it('R-RUL-7 begins with the limit above which publishing wants a second person', async () => {
    const shopId = await room.sales.newShop('guarded', []);
    await room.sales.sold([room.sales.order(shopId)]);
    const pointersAt = async (
      known: SecondPersonLimits,
      draft: PlanDocument,
    ): Promise<[string, string | undefined][]> => {
      room.limits = known;
      const { warnings } = await room.simulate(shopId, draft);
      room.limits = noLimits;
      return warnings.map(({ pointer, message }) => [pointer, message.split(';').at(0)]);
    };
    const at = (rate: string): SecondPersonLimits => {
      return { ...noLimits, payoutRatioMaxPpm: parseRate(rate) };
    };
    const ofFee = { rate: '0.10' };
    const draft = { ...ownGoods, platformFee: ofFee, commission: { levels: levels('0.2') } };
    const loser = [
      '',
      '1 payee would be owed less by more than 10%: d-1 (commission) −9.00, −33%.',
    ];
    expect(await pointersAt(at('0.18'), draft)).toEqual([loser]);
    expect(await pointersAt(at('0.179999'), draft)).toEqual([
      [
        '/plan/commission/levels',
        "Commission › levels: all levels together can come to 18% of a line, above the shop's limit of 17.9999%",
      ],
      loser,
    ]);
    const nobody = { platformFee: ofFee, supplier: supplied.supplier };
    expect(await pointersAt(at('0'), nobody)).toHaveLength(1);
  });
});
