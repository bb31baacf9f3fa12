import { describe, expect, it } from '@jest/globals';
import { ServiceUnavailable, type ServiceAnswer, type ServiceRequest } from '@qingfen/hosting';
import { RiskLimits, type SecondPersonLimits } from './risk-limits.js';

type Answer = Pick<ServiceAnswer<unknown>, 'status' | 'body'> | Error;

/** What the limits of `s/1` are when payout answers so, and what it was asked. */
async function asked(
  answer: Answer,
): Promise<{ limits: SecondPersonLimits; calls: ServiceRequest[] }> {
  const calls: ServiceRequest[] = [];
  const request = <T>(call: ServiceRequest): Promise<ServiceAnswer<T>> => {
    calls.push(call);
    if (answer instanceof Error) return Promise.reject(answer);
    const { status, body } = answer;
    return Promise.resolve({ status, body: body as T, headers: new Headers() });
  };
  const limits = await new RiskLimits({ request }).of('s/1');
  return { limits, calls };
}

describe('the limits above which a second person is wanted', () => {
  it.each([
    ['1000.00', 100_000n],
    ['0.00', 0n],
    [null, null],
  ])('R-RUL-7 are what payout keeps: by hand up to %s', async (manualMax, manualMaxMinor) => {
    const body = { payoutRatioMax: '0.3', manualMax, payeeDailyMax: null };
    const { limits, calls } = await asked({ status: 200, body });
    expect(limits).toEqual({ payoutRatioMaxPpm: 300_000n, manualMaxMinor });
    expect(calls).toEqual([
      { service: 'payout', method: 'GET', path: '/internal/shops/s%2F1/risk' },
    ]);
  });

  it.each([
    ['does not answer', new ServiceUnavailable('payout', new Error('refused'))],
    ['is in trouble', { status: 500, body: { code: 'internal' } }],
    ['lets nobody in', { status: 401, body: { payoutRatioMax: '1', manualMax: null } }],
    ['answers nothing', { status: 200, body: null }],
    ['leaves one out', { status: 200, body: { payoutRatioMax: '0.3' } }],
    ['answers nonsense', { status: 200, body: { payoutRatioMax: '30%', manualMax: null } }],
  ])('R-RUL-7 are not guessed when payout %s: a part is missing', async (_, answer) => {
    await expect(asked(answer)).rejects.toThrow(ServiceUnavailable);
  });

  it('does not hide a fault of its own', async () => {
    await expect(asked(new TypeError('a fault'))).rejects.toThrow('a fault');
  });
});
