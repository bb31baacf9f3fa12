import { describe, expect, it } from '@jest/globals';
import { approvalPrefixes, type Approval, type ApprovalOwner, type Page } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';
import fc from 'fast-check';
import { approvalPlaces, mergedApprovals } from './approval-list.js';

function approvalsOf(owner: ApprovalOwner, minutes: readonly number[]): Approval[] {
  return minutes.map((minute, at) => ({
    approvalId: `${approvalPrefixes[owner]}_${at + 1}`,
    wants: 'x',
    summary: '',
    hash: '',
    expiresAt: '',
    shopId: 's',
    state: 'open',
    makers: ['m'],
    requestedAt: new Date(minute * 60_000).toISOString(),
    decidedBy: null,
    decidedAt: null,
    reason: null,
  }));
}

/** What an owner answers: those behind the one with this id. */
function pageOf(all: readonly Approval[], after: string, limit: number): Page<Approval> {
  const rest = all.slice(all.findIndex(({ approvalId }) => approvalId === after) + 1);
  const items = rest.slice(0, limit);
  const last = rest.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : last.approvalId };
}

type Lists = readonly [
  manual: readonly Approval[],
  plans: readonly Approval[],
  differences: readonly Approval[],
];

function walk([manual, plans, differences]: Lists, limit: number): Approval[] {
  const shown: Approval[] = [];
  let cursor: string | undefined;
  do {
    const places = approvalPlaces(cursor);
    const pages = {
      'settlement-calculator': pageOf(manual, places['settlement-calculator'], limit),
      rules: pageOf(plans, places.rules, limit),
      reconciliation: pageOf(differences, places.reconciliation, limit),
    };
    const page = mergedApprovals(pages, { places, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    shown.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return shown;
}

const minutes = fc.array(fc.nat({ max: 20 }), { maxLength: 12 });
const byTime = (a: number, b: number): number => a - b;

describe('one list of the approvals of all owners', () => {
  it('R-SEC-4 shows each once, oldest first, whatever the size of a page', () => {
    fc.assert(
      fc.property(minutes, minutes, minutes, fc.integer({ min: 1, max: 5 }), (...given) => {
        const [some, others, more, limit] = given;
        const manual = approvalsOf('settlement-calculator', some.toSorted(byTime));
        const plans = approvalsOf('rules', others.toSorted(byTime));
        const differences = approvalsOf('reconciliation', more.toSorted(byTime));
        const shown = walk([manual, plans, differences], limit);
        const instants = shown.map(({ requestedAt }) => requestedAt);
        expect(instants).toEqual(instants.toSorted());
        expect(new Set(shown)).toEqual(new Set([...manual, ...plans, ...differences]));
        expect(shown).toHaveLength(manual.length + plans.length + differences.length);
      }),
    );
  });

  it('shows each once even where an owner keeps no order of time', () => {
    const manual = approvalsOf('settlement-calculator', [5, 1, 9]);
    const plans = approvalsOf('rules', [3, 2]);
    const ids = walk([manual, plans, []], 2).map(({ approvalId }) => approvalId);
    expect(ids).toEqual(['pa_1', 'pa_2', 'ap_1', 'ap_2', 'ap_3']);
  });

  it('compares instants, not their texts', () => {
    const [early] = approvalsOf('rules', [60]);
    const [late] = approvalsOf('settlement-calculator', [61]);
    if (early === undefined || late === undefined) throw new Error('there are two');
    const inShanghai = { ...early, requestedAt: '1970-01-01T09:00:00.000+08:00' };
    const shown = walk([[late], [inShanghai], []], 1).map(({ approvalId }) => approvalId);
    expect(shown).toEqual(['pa_1', 'ap_1']);
  });

  it.each([
    ['of another list', ['2026-01-05T02:00:00.000Z', 'x']],
    ['of the other owner', ['pa_1', '', '']],
    ['of no number', ['ap_0', '', '']],
    ['too short', ['ap_1', '']],
  ])('refuses a cursor %s', (_, place) => {
    const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
    expect(() => approvalPlaces(cursor)).toThrow(ProblemError);
  });
});
