import { describe, expect, it } from '@jest/globals';
import { minor, ppm, ZERO } from '@qingfen/money';
import {
  changeRisk,
  riskDefaults,
  type BrakeSettings,
  type RiskChange,
  type RiskSettings,
} from './index.js';

const until = (text: string): Date => new Date(text);
const listed = (payeeId: string, end: Date | null = null) => ({ payeeId, reason: 'x', until: end });

const braked = (change: Partial<BrakeSettings>): RiskChange => {
  return { brake: { failures: null, total: null, balanceMinMinor: null, ...change } };
};

function problemsOf(change: RiskChange): string[] {
  const changed = changeRisk(riskDefaults({ isPlayMoney: true }), change);
  return changed.kind === 'refused' ? changed.problems.map(({ pointer }) => pointer) : [];
}

function raisedBy(before: RiskChange, change: RiskChange): readonly string[] {
  const start: RiskSettings = { ...riskDefaults({ isPlayMoney: true }), ...before };
  const changed = changeRisk(start, change);
  if (changed.kind === 'refused') throw new Error(JSON.stringify(changed.problems));
  return changed.raised;
}

describe('R-RSK-1 a shop’s limits and lists', () => {
  it('R-RSK-1 are laxer where money is play money', () => {
    expect(riskDefaults({ isPlayMoney: true })).toMatchObject({
      coolingOffHours: 0,
      sameAccount: 'pass',
      payoutRatioMaxPpm: 1_000_000n,
      manualMaxMinor: null,
      brake: { failures: null, total: null, balanceMinMinor: null },
    });
    expect(riskDefaults({ isPlayMoney: false })).toMatchObject({
      coolingOffHours: 24,
      sameAccount: 'review',
      payoutRatioMaxPpm: 500_000n,
      manualMaxMinor: 0n,
      brake: {
        failures: { percent: 20, of: 50 },
        total: { percent: 200, fromMinor: 1_000_000n },
        balanceMinMinor: null,
      },
    });
  });

  it('R-RSK-1 keep what a change does not name', () => {
    const before = riskDefaults({ isPlayMoney: false });
    expect(changeRisk(before, { shopDailyMinor: minor(500n) })).toEqual({
      kind: 'changed',
      after: { ...before, shopDailyMinor: 500n },
      raised: [],
    });
    expect(changeRisk(before, {})).toMatchObject({ after: before, raised: [] });
  });

  it.each<[string, RiskChange, string[]]>([
    ['a ratio above the whole', { payoutRatioMaxPpm: ppm(1_000_001n) }, ['/payoutRatioMax']],
    [
      'reviews above what is blocked',
      { perPayout: { reviewMinor: minor(200n), blockMinor: minor(199n) } },
      ['/perPayout/block'],
    ],
    ['one payee twice', { allow: [listed('a'), listed('b'), listed('a')] }, ['/allow/2/payeeId']],
    [
      'all that may be',
      { perPayout: { reviewMinor: minor(2n), blockMinor: minor(2n) }, manualMaxMinor: ZERO },
      [],
    ],
  ])('R-RSK-1 R-RSK-3 refuse %s', (_, change, pointers) => {
    expect(problemsOf(change)).toEqual(pointers);
  });

  it.each<[string, RiskChange, RiskChange]>([
    [
      '/perPayout/review',
      { perPayout: { reviewMinor: minor(5n), blockMinor: null } },
      { perPayout: { reviewMinor: null, blockMinor: null } },
    ],
    [
      '/perPayout/block',
      { perPayout: { reviewMinor: null, blockMinor: minor(5n) } },
      { perPayout: { reviewMinor: null, blockMinor: minor(6n) } },
    ],
    ['/payeeDaily', { payeeDailyMinor: minor(5n) }, { payeeDailyMinor: minor(6n) }],
    ['/shopDaily', { shopDailyMinor: minor(5n) }, { shopDailyMinor: null }],
    ['/frequency', { frequency: { count: 3, hours: 24 } }, { frequency: { count: 3, hours: 12 } }],
    ['/frequency', { frequency: { count: 3, hours: 24 } }, { frequency: null }],
    ['/coolingOffHours', { coolingOffHours: 24 }, { coolingOffHours: 23 }],
    ['/sameAccount', { sameAccount: 'block' }, { sameAccount: 'review' }],
    ['/anomaly', { anomaly: 'review' }, { anomaly: 'shadow' }],
    ['/payoutRatioMax', { payoutRatioMaxPpm: ppm(500_000n) }, { payoutRatioMaxPpm: ppm(500_001n) }],
    ['/manualMax', { manualMaxMinor: ZERO }, { manualMaxMinor: minor(1n) }],
    ['/brake/failures', braked({ failures: { percent: 20, of: 50 } }), braked({})],
    [
      '/brake/failures',
      braked({ failures: { percent: 20, of: 50 } }),
      braked({ failures: { percent: 23, of: 50 } }),
    ],
    [
      '/brake/failures',
      braked({ failures: { percent: 20, of: 50 } }),
      braked({ failures: { percent: 20, of: 49 } }),
    ],
    [
      '/brake/total',
      braked({ total: { percent: 200, fromMinor: ZERO } }),
      braked({ total: { percent: 201, fromMinor: ZERO } }),
    ],
    [
      '/brake/total',
      braked({ total: { percent: 200, fromMinor: ZERO } }),
      braked({ total: { percent: 200, fromMinor: minor(1n) } }),
    ],
    ['/brake/total', braked({ total: { percent: 200, fromMinor: ZERO } }), braked({})],
    ['/brake/balanceMin', braked({ balanceMinMinor: minor(5n) }), braked({})],
    [
      '/brake/balanceMin',
      braked({ balanceMinMinor: minor(5n) }),
      braked({ balanceMinMinor: minor(4n) }),
    ],
    ['/allow', { allow: [listed('a')] }, { allow: [listed('a'), listed('b')] }],
    [
      '/allow',
      { allow: [listed('a', until('2026-02-01'))] },
      { allow: [listed('a', until('2026-03-01'))] },
    ],
    ['/block', { block: [listed('a')] }, { block: [] }],
    ['/block', { block: [listed('a')] }, { block: [listed('a', until('2026-03-01'))] }],
  ])(
    'R-RSK-1 R-SEC-3 tell %s as raised, and not when it goes the other way',
    (pointer, lower, higher) => {
      expect(raisedBy(lower, higher)).toEqual([pointer]);
      expect(raisedBy(higher, lower)).toEqual([]);
      expect(raisedBy(higher, higher)).toEqual([]);
    },
  );
});
