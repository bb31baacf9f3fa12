import { checkStanding } from '@qingfen/core-settlement';
import { formatAmount, minor } from '@qingfen/money';
import type { Difference } from './order-verdict.js';
import type { SingleFact } from './single-fact.store.js';
import { teamOfOwner } from './team.store.js';

/** Compares an entry that belongs to no line with the fact that it was booked for. */
export function judgeSingle(fact: SingleFact): readonly Difference[] {
  const sheet = new Sheet(fact);
  sheet.differ('stands', ...standing(fact));
  switch (fact.cause) {
    case 'give-back':
      judgeGiveBack(sheet, fact);
      break;
    case 'adjustment':
    case 'opening':
    case 'recovery':
    case 'recovery-withdrawn':
      judgeManual(sheet, fact);
      break;
    case 'split-return': // as much as Alipay said: its payout tells of it
    case 'team-reward': // its performance tells of it
      break;
    default:
      sheet.differ('cause', 'one that books such an entry', fact.cause);
  }
  return sheet.differences;
}

class Sheet {
  readonly differences: Difference[] = [];

  constructor(private readonly fact: SingleFact) {}

  differ(what: string, expected: string | null, booked: string | null): void {
    if (expected === booked) return;
    const { entry_id: entryId, cause, cause_id: causeId } = this.fact;
    const subject = { type: 'entry', id: `en_${entryId}` } as const;
    const about = `${cause} ${causeId}`;
    this.differences.push({ subject, what, entryId, party: null, about, expected, booked });
  }

  amount(expected: string): void {
    const { amount_minor: amountMinor, currency } = this.fact;
    const text = (units: bigint): string => formatAmount(minor(units), currency);
    this.differ('amount', text(BigInt(expected)), text(amountMinor));
  }
}

function standing(fact: SingleFact): [expected: string | null, booked: string | null] {
  const { open_minor: open, open_matures_at: openAt, closed_minor: closed } = fact;
  const found = checkStanding(
    {
      sumMinor: minor(fact.amount_minor),
      maturesAt: fact.matures_at,
      payeeId: fact.owner_id,
      closedMinor: closed === null ? null : minor(closed),
      open:
        open === null || openAt === null ? null : { amountMinor: minor(open), maturesAt: openAt },
    },
    fact.currency,
  );
  return found === null ? [null, null] : [found.expected, found.booked];
}

const unpaid = ['failed', 'cancelled', 'returned'];

function judgeGiveBack(sheet: Sheet, fact: SingleFact): void {
  const { payout } = fact;
  if (payout === null) {
    sheet.differ('payout', 'a payout that was not paid', null);
    return;
  }
  sheet.amount(payout.amount);
  sheet.differ('payee', partyText(payout), ownText(fact));
  const isUnpaid = payout.status !== null && unpaid.includes(payout.status);
  if (!isUnpaid) sheet.differ('payout', unpaid.join(' or '), payout.status ?? 'under way');
  const endedAt = payout.ended_at === null ? null : new Date(payout.ended_at).toISOString();
  sheet.differ('matures-at', endedAt, fact.matures_at.toISOString());
}

function judgeManual(sheet: Sheet, fact: SingleFact): void {
  const { manual } = fact;
  if (manual === null) {
    sheet.differ('record', `a record of ${fact.cause_id}`, null);
    return;
  }
  sheet.amount(manual.amount);
  sheet.differ('payee', partyText(manual), ownText(fact));
  if (manual.entry_id !== null) {
    sheet.differ('record', `en_${manual.entry_id}`, `en_${fact.entry_id}`);
  }
}

function partyText(of: {
  readonly kind: string;
  readonly payee_id: string;
  readonly currency: string;
}): string {
  return `${of.kind} ${of.payee_id} ${of.currency}`;
}

function ownText({ kind, owner_id: owner, currency }: SingleFact): string {
  return `${kind} ${teamOfOwner(owner) ?? owner} ${currency}`;
}
