import { describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import {
  AmountError,
  divideRounded,
  formatAmount,
  formatExact,
  formatFraction,
  formatRate,
  fraction,
  invariant,
  InvariantError,
  isLess,
  minor,
  minorDigits,
  minus,
  parseAmount,
  parseRate,
  parseSignedAmount,
  plus,
  RateError,
  rounded,
  ROUNDINGS,
  sumMinor,
  times,
} from './index.js';

describe('amounts', () => {
  it.each([
    ['128.50', 'CNY', 12850n],
    ['128.5', 'CNY', 12850n],
    ['0', 'CNY', 0n],
    ['0.01', 'CNY', 1n],
    ['999999999999.99', 'CNY', 99999999999999n],
    ['120', 'JPY', 120n],
    ['1.234', 'KWD', 1234n],
    ['1.2', 'KWD', 1200n],
  ])('R-EVO-2 reads %s %s as %s minor units', (text, currency, expected) => {
    expect(parseAmount(text, currency)).toBe(expected);
  });

  it.each([
    ['1.234', 'CNY'],
    ['1.5', 'JPY'],
    ['-1.00', 'CNY'],
    ['01.00', 'CNY'],
    ['1.', 'CNY'],
    ['.5', 'CNY'],
    ['1,000.00', 'CNY'],
    ['1e3', 'CNY'],
    [' 1.00', 'CNY'],
    ['1.00\n', 'CNY'],
    ['１.00', 'CNY'],
    ['', 'CNY'],
    ['1000000000000.00', 'CNY'],
    ['1.00', 'XXX'],
    ['1.00', 'constructor'],
  ])('refuses %j %s', (text, currency) => {
    expect(() => parseAmount(text, currency)).toThrow(AmountError);
  });

  it('cuts foreign text in its messages, so that they do not grow with it', () => {
    const [longest, tooLong] = ['x'.repeat(40), 'y'.repeat(41)];
    expect(() => parseAmount(longest, 'CNY')).toThrow(`"${longest}" is not an amount`);
    expect(() => parseAmount(tooLong, 'CNY')).toThrow(`"${'y'.repeat(40)}…" is not an amount`);
    expect(() => parseAmount('1', tooLong)).toThrow(`"${'y'.repeat(40)}…" is not a currency`);
  });

  it('writes all minor digits and the sign', () => {
    expect(formatAmount(minor(5n), 'CNY')).toBe('0.05');
    expect(formatAmount(minor(-5n), 'CNY')).toBe('-0.05');
    expect(formatAmount(minor(-12345n), 'CNY')).toBe('-123.45');
    expect(formatAmount(minor(120n), 'JPY')).toBe('120');
    expect(formatAmount(minor(1n), 'KWD')).toBe('0.001');
    expect(formatAmount(minor(0n), 'CNY')).toBe('0.00');
    expect(parseSignedAmount('-0.00', 'CNY')).toBe(0n);
  });

  it('reads back what it writes', () => {
    const amount = fc.bigInt({ min: -(10n ** 14n) + 1n, max: 10n ** 14n - 1n });
    fc.assert(
      fc.property(amount, fc.constantFrom('CNY', 'JPY', 'KWD'), (value, currency) => {
        const capped = minorDigits(currency) === 0 ? value / 1000n : value;
        return parseSignedAmount(formatAmount(minor(capped), currency), currency) === capped;
      }),
    );
  });

  it('adds up', () => {
    expect(sumMinor([minor(3n), minor(-5n), minor(1n)])).toBe(-1n);
    expect(sumMinor([])).toBe(0n);
  });

  it('writes exact decimals', () => {
    expect(formatExact(270000n, 4, 2)).toBe('27.00');
    expect(formatExact(6363n, 2, 2)).toBe('63.63');
    expect(formatExact(-123n, 5, 2)).toBe('-0.00123');
    expect(formatExact(7n, 0, 0)).toBe('7');
    expect(formatExact(-700n, 2, 0)).toBe('-7');
    expect(formatExact(1n, 2, 0)).toBe('0.01');
    expect(() => formatExact(7n, -1, 0)).toThrow('no negative number of digits');
    expect(() => formatExact(7n, 0, -1)).toThrow('no negative number of digits');
  });
});

describe('R-EVO-2 currencies', () => {
  it('has the minor digits of ISO 4217', () => {
    const digits = (codes: string): (number | undefined)[] => codes.split(' ').map(minorDigits);
    expect(digits('BIF JPY KRW XPF')).toEqual([0, 0, 0, 0]);
    expect(digits('BHD IQD KWD TND')).toEqual([3, 3, 3, 3]);
    const two = 'AED CAD CDF GMD GTQ LSL MAD PEN PGK SYP SZL ZWG CNY USD EUR HKD';
    expect(new Set(digits(two))).toEqual(new Set([2]));
    expect(minorDigits('cny')).toBeUndefined();
    expect(minorDigits('')).toBeUndefined();
  });
});

describe('fractions', () => {
  it('are in lowest terms, the denominator positive', () => {
    expect(fraction(6n, 4n)).toEqual({ numerator: 3n, denominator: 2n });
    expect(fraction(-6n, 4n)).toEqual({ numerator: -3n, denominator: 2n });
    expect(fraction(0n, 7n)).toEqual({ numerator: 0n, denominator: 1n });
    expect(fraction(7n)).toEqual({ numerator: 7n, denominator: 1n });
    expect(fraction(7n, 3n)).toEqual({ numerator: 7n, denominator: 3n });
    expect(() => fraction(1n, 0n)).toThrow(InvariantError);
    expect(() => fraction(1n, -1n)).toThrow(InvariantError);
  });

  it('are added, taken away, multiplied and compared exactly', () => {
    expect(plus(fraction(1n, 6n), fraction(1n, 3n))).toEqual(fraction(1n, 2n));
    expect(minus(fraction(1n, 6n), fraction(1n, 3n))).toEqual(fraction(-1n, 6n));
    expect(times(fraction(2n, 3n), fraction(-3n, 4n))).toEqual(fraction(-1n, 2n));
    expect(isLess(fraction(1n, 3n), fraction(1n, 2n))).toBe(true);
    expect(isLess(fraction(1n, 2n), fraction(2n, 4n))).toBe(false);
    expect(isLess(fraction(1n, 2n), fraction(1n, 3n))).toBe(false);
    expect(rounded(fraction(5n, 2n), 'half-even')).toBe(2n);
    expect(rounded(fraction(5n, 2n), 'half-up')).toBe(3n);
  });

  it.each([
    [fraction(2700n), 2, '27.00'],
    [fraction(24690n, 20n), 2, '12.345'],
    [fraction(500n, 3n), 2, '5/3'],
    [fraction(-500n, 3n), 2, '-5/3'],
    [fraction(1n, 8n), 2, '0.00125'],
    [fraction(1n, 125n), 0, '0.008'],
    [fraction(1n, 50n), 0, '0.02'],
    [fraction(-7n), 0, '-7'],
    [fraction(0n), 2, '0.00'],
  ])('writes %j at scale %s as %s', (value, scale, expected) => {
    expect(formatFraction(value, scale)).toBe(expected);
  });
});

describe('rates', () => {
  it.each([
    ['0.10', 100_000n, '0.1'],
    ['1', 1_000_000n, '1'],
    ['0', 0n, '0'],
    ['0.000001', 1n, '0.000001'],
    ['1.5', 1_500_000n, '1.5'],
    ['12.25', 12_250_000n, '12.25'],
  ])('reads %s', (text, expected, written) => {
    expect(parseRate(text)).toBe(expected);
    expect(formatRate(parseRate(text))).toBe(written);
  });

  it.each(['0.0000001', '-0.1', '10%', '', '0,1', '00.1', '.1'])('refuses %j', (text) => {
    expect(() => parseRate(text)).toThrow(RateError);
  });

  it('cuts foreign text in its messages', () => {
    const [longest, tooLong] = ['x'.repeat(40), 'y'.repeat(41)];
    expect(() => parseRate(longest)).toThrow(`"${longest}" is not a rate`);
    expect(() => parseRate(tooLong)).toThrow(`"${'y'.repeat(40)}…" is not a rate`);
  });
});

describe('rounding', () => {
  it.each([
    [5n, 10n, 1n, 0n, 0n],
    [15n, 10n, 2n, 2n, 1n],
    [25n, 10n, 3n, 2n, 2n],
    [24n, 10n, 2n, 2n, 2n],
    [26n, 10n, 3n, 3n, 2n],
    [-15n, 10n, -2n, -2n, -1n],
    [-25n, 10n, -3n, -2n, -2n],
    [0n, 7n, 0n, 0n, 0n],
    [1n, 3n, 0n, 0n, 0n],
    [2n, 3n, 1n, 1n, 0n],
  ])('rounds %s / %s', (numerator, denominator, halfUp, halfEven, down) => {
    expect(divideRounded(numerator, denominator, 'half-up')).toBe(halfUp);
    expect(divideRounded(numerator, denominator, 'half-even')).toBe(halfEven);
    expect(divideRounded(numerator, denominator, 'down')).toBe(down);
  });

  it('agrees with big.js', () => {
    const modes = {
      'half-up': Big.roundHalfUp,
      'half-even': Big.roundHalfEven,
      down: Big.roundDown,
    };
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.nat({ max: 24 }),
        fc.constantFrom('half-up' as const, 'half-even' as const, 'down' as const),
        (numerator, scale, rounding) => {
          const exact = new Big(`${numerator}e-${scale}`).round(0, modes[rounding]);
          return (
            divideRounded(numerator, 10n ** BigInt(scale), rounding) === BigInt(exact.toFixed())
          );
        },
      ),
    );
  });

  it('throws on a denominator that is not positive', () => {
    expect(() => divideRounded(1n, 0n, 'down')).toThrow(InvariantError);
    expect(() => divideRounded(1n, -1n, 'down')).toThrow(InvariantError);
    expect(() => invariant(false, 'never')).toThrow('never');
  });

  it('names its modes, which are all that a plan may choose', () => {
    expect(ROUNDINGS).toEqual(['half-up', 'half-even', 'down']);
  });
});

describe('errors', () => {
  it('are called by their names in logs', () => {
    const named = [new AmountError('x'), new RateError('x'), new InvariantError('x')];
    expect(named.map(({ name }) => name)).toEqual(['AmountError', 'RateError', 'InvariantError']);
  });
});
