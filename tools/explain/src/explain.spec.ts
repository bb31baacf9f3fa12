import { describe, expect, it } from '@jest/globals';
import type { ReplayPage, StatementExplained } from '@qingfen/contracts';
import { readCommand } from './arguments.js';
import { explain, type Told } from './explain.js';
import { UsageError } from './usage-error.js';

const at = '2026-01-05T02:00:00+08:00';
const difference: StatementExplained['differences'][number] = {
  subject: { type: 'order', id: 'o-9' },
  what: 'amount',
  entryId: 'en_9',
  expected: '27.00',
  booked: '27.01',
  message: 'Entry en_9 of order o-9 must be 27.00, and 27.01 is booked.',
  messageZh: '订单 o-9 的条目 en_9 应为 27.00, 账上为 27.01。',
};

function replayPage(orders: number, more: Partial<ReplayPage> = {}): ReplayPage {
  return {
    shopId: 's-1',
    at,
    agrees: true,
    differences: [],
    differenceCount: 0,
    checked: { orders, entries: 0, performances: 0, statements: 0 },
    nextCursor: null,
    ...more,
  };
}

function statement(more: Partial<StatementExplained>): StatementExplained {
  return {
    shopId: 's-1',
    statementId: 'st_1',
    at,
    agrees: true,
    differences: [],
    message: 'As issued.',
    messageZh: '按结算单。',
    payeeId: 'd-1',
    kind: 'commission',
    currency: 'CNY',
    run: { period: at, scheduledAt: at, cutoff: at, planVersion: 1, finishedAt: at },
    issuedAt: at,
    source: { topic: null, correlationId: 'c-1', bookedAt: at, journalBatch: 'jb_1' },
    net: '27.00',
    entryCount: 1,
    owed: '27.00',
    takenOff: '0.00',
    minPayout: '0.10',
    transferMax: null,
    parts: [{ part: 1, payoutId: 'po_1', amount: '27.00' }],
    partsMessage: 'One payout.',
    partsMessageZh: '一笔付款。',
    entries: [],
    nextCursor: null,
    ...more,
  };
}

const shops = {
  items: [{ shopId: 's-1' }, { shopId: 's-2' }],
  nextCursor: null,
};

/** Documents by their paths; those of a path are its pages. */
function told(
  pages: Readonly<Record<string, readonly object[]>>,
  ...args: string[]
): Promise<readonly Told[]> {
  const known: Readonly<Record<string, readonly object[]>> = { '/shops': [shops], ...pages };
  return explain(
    {
      find: async (path, schema) => {
        const [first] = known[path] ?? [];
        return first === undefined ? undefined : schema.parse(first);
      },
      pages: async function* (path, schema) {
        for (const page of known[path] ?? []) yield schema.parse(page);
      },
    },
    readCommand(args, {}),
  );
}

describe('explain', () => {
  it('R-EXP-1 a replay adds up the pages of every shop, and one difference on any page counts', async () => {
    const wrong = { agrees: false, differences: [difference], differenceCount: 3 };
    const pages = {
      '/shops/s-1/explanations/replay': [replayPage(500, { nextCursor: 'x' }), replayPage(7)],
      '/shops/s-2/explanations/replay': [
        replayPage(2, { nextCursor: 'x', ...wrong }),
        replayPage(1),
      ],
    };
    const [good, bad] = await told(pages, '--replay');
    expect(good).toMatchObject({ agrees: true, document: { checked: { orders: 507 } } });
    expect(good?.lines[0]).toMatch(/^s-1: 507 orders.*no difference$/);
    expect(bad).toMatchObject({ agrees: false, document: { differenceCount: 3 } });
    expect(bad?.lines).toEqual([
      expect.stringMatching(/^s-2: 3 orders.*3 DIFFERENCES$/),
      `  ${difference.message}`,
    ]);
  });

  it('R-EXP-1 a statement is all of its pages, and agrees when each of them does', async () => {
    const path = '/shops/s-1/explanations/statements/st_1';
    const pages = [statement({ nextCursor: 'x' }), statement({})];
    const [good] = await told({ [path]: pages }, 'statement', 'st_1');
    expect(good).toMatchObject({ agrees: true, document: { nextCursor: null } });
    const later = statement({ agrees: false, differences: [difference] });
    const [bad] = await told(
      { [path]: [pages[0] ?? {}, later] },
      'statement',
      'st_1',
      '--lang',
      'zh',
    );
    expect(bad).toMatchObject({ agrees: false, document: { differences: [difference] } });
    expect(bad?.lines.at(-2)).toContain('不一致');
    expect(bad?.lines.at(-1)).toBe(`  ${difference.messageZh}`);
  });

  it('R-TAX-1 R-EXP-1 a statement that tax was withheld of says how much, and why', async () => {
    const path = '/shops/s-1/explanations/statements/st_1';
    const withholding = {
      ...{ gross: '30.00', withheld: '3.00', before: '0.00', withheldBefore: '0.00', due: '3.00' },
      period: 'month' as const,
      ...{ from: at, to: at, tiers: [{ from: '0.00', rate: '0.1' }] },
      ...{ message: '30.00 − 3.00 tax withheld.', messageZh: '30.00 − 代扣税 3.00。' },
    };
    const pages = { [path]: [statement({ withholding })] };
    const [en] = await told(pages, 'statement', 'st_1');
    expect(en?.lines.join('\n')).toContain('30.00 − 3.00 tax withheld.');
    const [zh] = await told(pages, 'statement', 'st_1', '--lang', 'zh');
    expect(zh?.lines.join('\n')).toContain('30.00 − 代扣税 3.00。');
  });

  it('R-EXP-1 what no shop has is not there; what two have needs --shop', async () => {
    const path = (shopId: string): string => `/shops/${shopId}/explanations/statements/st_1`;
    const both = { [path('s-1')]: [statement({})], [path('s-2')]: [statement({ shopId: 's-2' })] };
    expect(await told(both, 'statement', 'st_2')).toEqual([]);
    await expect(told(both, 'statement', 'st_1')).rejects.toThrow(UsageError);
    await expect(told(both, 'statement', 'st_1')).rejects.toThrow('--shop (s-1, s-2)');
    const [one] = await told(both, 'statement', 'st_1', '--shop', 's-2');
    expect(one).toMatchObject({ document: { shopId: 's-2' } });
  });
});
