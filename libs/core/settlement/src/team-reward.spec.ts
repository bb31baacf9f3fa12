import { describe, expect, it } from '@jest/globals';
import { minor, parseAmount, parseRate } from '@qingfen/money';
import { teamReward } from './team-reward.js';

const cny = (text: string): bigint => parseAmount(text, 'CNY');
const tier = (from: string, rate: string, fixed = '0.00') => ({
  fromMinor: minor(cny(from)),
  ratePpm: parseRate(rate),
  fixedMinor: minor(cny(fixed)),
});
const tiers = [tier('0.00', '0'), tier('10000.00', '0.01'), tier('50000.00', '0.02', '100.00')];
const reward = (method: 'whole' | 'marginal', amount: string, carried = '0.00') =>
  teamReward(
    { changeMinor: cny(amount), carriedMinor: -cny(carried) },
    { method, tiers },
    'half-up',
  );

describe('R-TEA-1 the reward of a team', () => {
  it.each([
    ['whole', '9999.99', '0.00'],
    ['whole', '10000.00', '100.00'],
    ['whole', '49999.99', '500.00'],
    ['whole', '50000.00', '1100.00'],
    ['marginal', '10000.00', '0.00'],
    ['marginal', '10000.49', '0.00'],
    ['marginal', '10000.50', '0.01'],
    ['marginal', '50000.00', '500.00'],
    ['marginal', '60000.00', '700.00'],
  ] as const)('R-TEA-1 %s: a performance of %s gives %s', (method, amount, expected) => {
    expect(reward(method, amount).rewardMinor).toBe(cny(expected));
  });

  it('R-TEA-1 what is negative is carried into the next period and used up there', () => {
    const negative = teamReward(
      { changeMinor: -cny('500.00'), carriedMinor: 0n },
      { method: 'whole', tiers },
      'half-up',
    );
    expect(negative).toMatchObject({ rewardMinor: 0n, carryMinor: -cny('500.00') });
    expect(reward('whole', '10499.99', '500.00').rewardMinor).toBe(0n);
    expect(reward('whole', '10500.00', '500.00')).toMatchObject({
      rewardMinor: cny('100.00'),
      carryMinor: 0n,
    });
  });

  it('R-TEA-1 a positive performance below every tier is spent', () => {
    expect(reward('whole', '0.01')).toMatchObject({ rewardMinor: 0n, carryMinor: 0n });
  });
});
