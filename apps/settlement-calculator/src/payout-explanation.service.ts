import { Inject, Injectable } from '@nestjs/common';
import type { ExplanationQuery, Payout, PayoutExplained } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { notFound } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { ExplanationAlarm, differencesView } from './explanation-alarm.js';
import { shownIn } from './explanation-words.js';
import type { Difference } from './order-verdict.js';
import { PayoutDesk } from './payout-desk.js';
import { notHeardOf, payoutWords, transitionWords } from './payout-words.js';
import { timezoneOf } from './shop.store.js';
import { StatementExplanationService } from './statement-explanation.service.js';
import { ledgerPayout, type LedgerPayout } from './statement-fact.store.js';

/** Payouts: the statement that asked for them, and what has become of them. */
@Injectable()
export class PayoutExplanationService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PayoutDesk) private readonly payouts: Pick<PayoutDesk, 'find'>,
    @Inject(StatementExplanationService) private readonly statements: StatementExplanationService,
    @Inject(ExplanationAlarm) private readonly alarm: ExplanationAlarm,
  ) {}

  /** @throws ProblemError 404, ServiceUnavailable */
  async payout(
    caller: Caller,
    of: { readonly shopId: string; readonly payoutId: string; readonly page: ExplanationQuery },
  ): Promise<PayoutExplained> {
    const { shopId, payoutId, page } = of;
    const booked = await ledgerPayout(this.database, shopId, payoutId);
    if (booked === undefined) throw notFound(`The shop has no payout ${payoutId}.`);
    const payout = await this.payouts.find(caller, shopId, payoutId);
    const statement = await this.statements.statement(shopId, booked.statement_id, page);
    const differences = payout === null ? [] : judgePayout(booked, payout);
    await this.alarm.note(shopId, [{ subject: { type: 'payout', id: payoutId }, differences }]);
    const shown = shownIn(await timezoneOf(this.database, shopId));
    return {
      shopId,
      payoutId,
      at: statement.at,
      agrees: statement.agrees && differences.length === 0,
      differences: [...differencesView(differences), ...statement.differences].slice(0, 1000),
      ...(payout === null ? notHeardOf : payoutWords(payout)),
      payout,
      transitions: (payout?.transitions ?? []).map((one) => ({
        to: one.to,
        at: one.at,
        ...transitionWords(one),
      })),
      booked: {
        part: booked.part,
        parts: booked.parts,
        amount: formatAmount(minor(booked.amount_minor), booked.currency),
        ...taxOf(booked),
        currency: booked.currency,
        requestedAt: shown(booked.requested_at),
        status: booked.status,
        endedAt: booked.ended_at === null ? null : shown(booked.ended_at),
      },
      giveBackEntryId: booked.give_back_id === null ? null : `en_${booked.give_back_id}`,
      statement,
    };
  }
}

function taxOf({ withheld_minor: minorUnits, currency }: LedgerPayout): { withheld?: string } {
  return minorUnits === 0n ? {} : { withheld: formatAmount(minor(minorUnits), currency) };
}

/** Compares the instruction, and its end where both know of one; a result may still be on its way. */
function judgePayout(booked: LedgerPayout, payout: Payout): readonly Difference[] {
  const differences: Difference[] = [];
  const differ = (what: string, expected: string, is: string): void => {
    if (expected === is) return;
    const subject = { type: 'payout', id: booked.payout_id } as const;
    const about = 'what payout was told';
    differences.push({ subject, what, entryId: null, party: null, about, expected, booked: is });
  };
  const amount = formatAmount(minor(booked.amount_minor), booked.currency);
  differ('amount', `${amount} ${booked.currency}`, `${payout.amount} ${payout.currency}`);
  differ('withheld', taxOf(booked).withheld ?? 'nothing', payout.withheld ?? 'nothing');
  differ('payee', booked.payee_id, payout.payeeId);
  differ('kind', booked.kind, payout.kind);
  differ('statement', booked.statement_id, payout.statementId);
  differ('parts', `${booked.part}/${booked.parts}`, `${payout.part}/${payout.parts}`);
  const hasMovedOn = booked.status === 'succeeded' && payout.state === 'returned';
  if (booked.status !== null && !hasMovedOn) differ('state', booked.status, payout.state);
  return differences;
}
