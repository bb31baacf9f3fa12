import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { payoutPositionSchema, type PayoutPosition } from '@qingfen/contracts';
import { PayoutHouse } from './payout-house.fixture.js';
import { PositionController } from './position.controller.js';

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
}, 60_000);
afterAll(() => house.close());

const positionOf = async (shopId: string): Promise<PayoutPosition> => {
  const answer = await new PositionController(house.database, house.clock).read(shopId);
  expect(payoutPositionSchema.parse(answer)).toEqual(answer);
  return answer;
};

describe('what of a shop is open', () => {
  it('R-REC-1 is summed up by kind and state, without what has ended, and in all', async () => {
    const { shopId, key } = await house.scene('100.00');
    const [moved, ended] = [key('review'), key('ended')];
    await house.request(
      house.instruction(key('1'), { amount: '1.10' }),
      house.instruction(key('2'), { amount: '2.20' }),
      house.instruction(key('3'), { amount: '3.30' }),
      house.instruction(key('4'), { amount: '4.00', kind: 'supplier' }),
      house.instruction(moved, { amount: '7.00' }),
      house.instruction(ended),
    );
    for (const [{ payoutId }, state] of [
      [moved, 'review'],
      [ended, 'cancelled'],
    ] as const) {
      await house.sql(
        'UPDATE payout SET state = $3, seq = seq + 1 WHERE shop_id = $1 AND payout_id = $2',
        [shopId, payoutId, state],
      );
    }
    const { openPayouts } = await positionOf(shopId);
    const inYuan = { currency: 'CNY' };
    expect(openPayouts).toEqual({
      items: [
        { kind: 'commission', ...inYuan, state: 'requested', count: 3, amount: '6.60' },
        { kind: 'commission', ...inYuan, state: 'review', count: 1, amount: '7.00' },
        { kind: 'supplier', ...inYuan, state: 'requested', count: 1, amount: '4.00' },
      ],
      totals: [{ ...inYuan, count: 5, amount: '17.60' }],
    });
  });

  it('R-REC-1 R-FOR-1 has what was foreseen for the next seven days, or says that nothing was', async () => {
    const { shopId } = await house.scene();
    const nothing = { asOf: null, days: [], total: '0.00' };
    expect((await positionOf(shopId)).foreseen).toEqual(nothing);
    await house.sql(
      `INSERT INTO foreseen_day (shop_id, day, due_minor, told_at)
       SELECT $1, '2026-01-04'::date + n, n * 100, '2026-01-05T01:00:00+08:00'
         FROM generate_series(1, 20) AS n`,
      [shopId],
    );
    // The present day has begun: it is the 5th.
    const { foreseen } = await positionOf(shopId);
    expect(foreseen.days.map(({ day }) => day.slice(8)).join()).toBe('06,07,08,09,10,11,12');
    expect(foreseen.total).toBe('35.00');
    expect(foreseen.asOf).toBe('2026-01-05T01:00:00+08:00');
  });
});
