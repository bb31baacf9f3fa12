import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import { judgePayout, passes, type RiskFacts } from './judge-payout.js';
import { riskDefaults } from './risk-defaults.js';
import type { RiskSettings } from './risk.js';

const now = new Date('2026-01-05T10:00:00+08:00');
const dayEndsAt = new Date('2026-01-06T00:00:00+08:00');
const later = new Date('2026-01-05T10:00:01+08:00');
const lax = riskDefaults({ isPlayMoney: true });

function facts(settings: Partial<RiskSettings>, change: Partial<RiskFacts> = {}): RiskFacts {
  return {
    settings: { ...lax, ...settings },
    payeeId: 'd-1',
    amountMinor: minor(100_00n),
    now,
    dayEndsAt,
    payeeSentMinor: minor(0n),
    shopSentMinor: minor(0n),
    sentLately: 0,
    accountReplacedAt: null,
    sharesAccountWith: [],
    approved: [],
    ...change,
  };
}

const entry = { payeeId: 'd-1', reason: 'fraud', until: null };
const everything: Partial<RiskSettings> = {
  block: [entry],
  perPayout: { reviewMinor: minor(1n), blockMinor: minor(2n) },
  payeeDailyMinor: minor(1n),
  shopDailyMinor: minor(1n),
  frequency: { count: 1, hours: 1 },
  coolingOffHours: 24,
  sameAccount: 'block',
};
const trouble: Partial<RiskFacts> = {
  sentLately: 1,
  accountReplacedAt: now,
  sharesAccountWith: ['d-2'],
};

describe('what becomes of a payout by the limits of its shop', () => {
  it('R-RSK-1 passes where there are no limits, whatever is known', () => {
    expect(judgePayout(facts({}, { ...trouble, payeeSentMinor: minor(10n ** 12n) }))).toBe(passes);
  });

  it('R-RSK-1 R-RSK-3 decides by the first in the order of the law', () => {
    const rules: (keyof RiskSettings)[] = [
      'block',
      'perPayout',
      'payeeDailyMinor',
      'shopDailyMinor',
      'frequency',
      'coolingOffHours',
      'sameAccount',
    ];
    const left: Partial<RiskSettings> = { ...everything };
    const decided = rules.map((rule) => {
      const verdict = judgePayout(facts(left, trouble));
      delete left[rule];
      return 'words' in verdict ? verdict.words : verdict.kind;
    });
    expect(decided).toEqual([
      'the payee is on the block list: fraud',
      '100.00 is more than one payout may ever be (0.02)',
      "the payee's daily limit: 0.00 of 0.01 were sent today",
      "the shop's daily limit: 0.00 of 0.01 were sent today",
      '1 payouts went to the payee within 1 h; 1 are usual at most',
      "the payee's account was changed less than 24 h ago",
      'the account is also that of d-2',
    ]);
    expect(judgePayout(facts(left, trouble))).toBe(passes);
  });

  it.each<[string, Partial<RiskSettings>, Partial<RiskFacts>, object]>([
    [
      'R-RSK-3 a block that ends is known with its end',
      { block: [{ ...entry, until: later }] },
      {},
      { kind: 'block', rule: 'block-list', until: later },
    ],
    ['R-RSK-3 a block that has ended', { block: [{ ...entry, until: now }] }, {}, passes],
    ['R-RSK-3 somebody else’s block', { block: [{ ...entry, payeeId: 'd-2' }] }, {}, passes],
    [
      'R-RSK-1 a payout of just the limit',
      { perPayout: { reviewMinor: minor(100_00n), blockMinor: minor(100_00n) } },
      {},
      passes,
    ],
    [
      'R-RSK-2 a payout above the limit',
      { perPayout: { reviewMinor: minor(99_99n), blockMinor: minor(100_00n) } },
      {},
      { kind: 'review', doubt: 'per-payout' },
    ],
    [
      'R-RSK-2 a payout above the limit that was approved',
      { perPayout: { reviewMinor: minor(99_99n), blockMinor: null } },
      { approved: ['per-payout'] },
      passes,
    ],
    [
      'R-RSK-1 an approval does not pass what is blocked',
      { perPayout: { reviewMinor: null, blockMinor: minor(99_99n) } },
      { approved: ['per-payout'] },
      { kind: 'block', rule: 'per-payout', until: null },
    ],
    [
      'R-RSK-1 a payee’s day that is just filled',
      { payeeDailyMinor: minor(300_00n) },
      { payeeSentMinor: minor(200_00n) },
      passes,
    ],
    [
      'R-RSK-1 a payee’s day that would be overfilled',
      { payeeDailyMinor: minor(300_00n) },
      { payeeSentMinor: minor(200_01n) },
      { kind: 'wait', reason: 'limit', until: dayEndsAt },
    ],
    [
      'R-RSK-1 a shop’s day, which no approval nor list opens',
      { shopDailyMinor: minor(300_00n), allow: [entry] },
      { shopSentMinor: minor(200_01n), approved: ['limit', 'per-payout'] },
      { kind: 'wait', reason: 'limit', until: dayEndsAt },
    ],
    [
      'R-RSK-2 fewer payouts than are usual',
      { frequency: { count: 3, hours: 24 } },
      { sentLately: 2 },
      passes,
    ],
    [
      'R-RSK-2 more payouts than are usual',
      { frequency: { count: 3, hours: 24 } },
      { sentLately: 3 },
      { kind: 'review', doubt: 'frequency' },
    ],
    [
      'R-RSK-3 the allow list passes frequency',
      { frequency: { count: 3, hours: 24 }, allow: [entry] },
      { sentLately: 3 },
      passes,
    ],
    [
      'R-RSK-3 an allow list that has ended passes nothing',
      { frequency: { count: 3, hours: 24 }, allow: [{ ...entry, until: now }] },
      { sentLately: 3 },
      { kind: 'review', doubt: 'frequency' },
    ],
    [
      'R-RSK-1 a changed account cools off, the allow list or not',
      { coolingOffHours: 2, allow: [entry] },
      { accountReplacedAt: new Date('2026-01-05T08:00:01+08:00') },
      { kind: 'wait', reason: 'cooling-off', until: later },
    ],
    [
      'R-RSK-1 a changed account that has cooled off',
      { coolingOffHours: 2 },
      { accountReplacedAt: new Date('2026-01-05T08:00:00+08:00') },
      passes,
    ],
    [
      'R-RSK-2 one account of several payees',
      { sameAccount: 'review' },
      { sharesAccountWith: ['d-2', 'd-3'] },
      { kind: 'review', doubt: 'same-account', words: 'the account is also that of d-2, d-3' },
    ],
    [
      'R-RSK-2 one account of several payees, approved',
      { sameAccount: 'review' },
      { sharesAccountWith: ['d-2'], approved: ['same-account'] },
      passes,
    ],
    [
      'R-RSK-3 the allow list passes an account of several payees',
      { sameAccount: 'block', allow: [entry] },
      { sharesAccountWith: ['d-2'] },
      passes,
    ],
    [
      'R-RSK-3 the allow list does not pass the limit of one payout',
      { perPayout: { reviewMinor: minor(1n), blockMinor: null }, allow: [entry] },
      {},
      { kind: 'review', doubt: 'per-payout' },
    ],
  ])('%s', (_, settings, known, verdict) => {
    expect(judgePayout(facts(settings, known))).toMatchObject(verdict);
  });
});
