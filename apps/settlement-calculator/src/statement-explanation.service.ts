import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { ExplanationQuery, StatementExplained } from '@qingfen/contracts';
import { Database, type Tx } from '@qingfen/database';
import { notFound, pageOfRows, placeAfter, placePart } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { EntryExplainer, type Scope } from './entry-explainer.js';
import { ExplanationAlarm, type Judged } from './explanation-alarm.js';
import { judgedView } from './explanation.service.js';
import { shownIn } from './explanation-words.js';
import { timezoneOf } from './shop.store.js';
import { entryIdsOfStatement, statementFact, type StatementFact } from './statement-fact.store.js';
import { judgeStatement } from './statement-verdict.js';
import { withholdingView } from './withholding-words.js';
import { partsWords, statementWords } from './statement-words.js';

/** Statements, recomputed from the entries that they list and compared; entries come page by page. */
@Injectable()
export class StatementExplanationService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(EntryExplainer) private readonly explainer: EntryExplainer,
    @Inject(ExplanationAlarm) private readonly alarm: ExplanationAlarm,
  ) {}

  /** @throws ProblemError 404 */
  async statement(
    shopId: string,
    statementId: string,
    page: ExplanationQuery,
  ): Promise<StatementExplained> {
    const { answer, judged } = await this.database.transaction((tx) =>
      this.read(tx, { shopId, statementId, page }),
    );
    await this.alarm.note(shopId, judged);
    return answer;
  }

  private async read(
    tx: Tx,
    of: { readonly shopId: string; readonly statementId: string; readonly page: ExplanationQuery },
  ): Promise<{ readonly answer: StatementExplained; readonly judged: readonly Judged[] }> {
    const { shopId, statementId, page } = of;
    const fact = await statementFact(tx, shopId, statementId);
    if (fact === undefined) throw notFound('There is no such statement.');
    const timezone = await timezoneOf(tx, shopId);
    const scope: Scope = { shopId, now: this.clock.now(), timezone };
    const [after = '0'] = placeAfter(page.cursor, [placePart.number]) ?? [];
    const ids = await entryIdsOfStatement(tx, shopId, {
      statementNo: fact.statement_no,
      after: BigInt(after),
      limit: page.limit + 1,
    });
    const listed = pageOfRows(ids, page.limit, (id) => [id.toString()]);
    const { explained, judged } = await this.explainer.byIds(tx, scope, listed.rows);
    const differences = judgeStatement(shopId, fact);
    const all = [...differences, ...explained.flatMap((one) => one.differences)];
    return {
      judged: [{ subject: { type: 'statement', id: statementId }, differences }, ...judged],
      answer: {
        shopId,
        statementId,
        ...judgedView(scope, all),
        ...statementView(fact, scope),
        entries: explained.map(({ told }) => told),
        nextCursor: listed.nextCursor,
      },
    };
  }
}

function optional(
  withholding: StatementExplained['withholding'],
): Pick<StatementExplained, 'withholding'> {
  return withholding === undefined ? {} : { withholding };
}

type StatementView = Omit<
  StatementExplained,
  'shopId' | 'statementId' | 'at' | 'agrees' | 'differences' | 'entries' | 'nextCursor'
>;

function statementView(fact: StatementFact, { timezone }: Scope): StatementView {
  const shown = shownIn(timezone);
  const { currency } = fact;
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  const orNull = (units: bigint | null): string | null => (units === null ? null : text(units));
  const parts = partsWords(fact);
  return {
    ...statementWords(fact, shown),
    payeeId: fact.payee_id,
    kind: fact.kind,
    currency,
    run: {
      period: fact.period,
      scheduledAt: shown(fact.scheduled_at),
      cutoff: shown(fact.cutoff),
      planVersion: fact.plan_version,
      finishedAt: fact.finished_at === null ? null : shown(fact.finished_at),
    },
    issuedAt: shown(fact.issued_at),
    source: {
      topic: null,
      correlationId: fact.correlation_id,
      bookedAt: shown(fact.issued_at),
      journalBatch: fact.batch_id.toString(),
    },
    net: text(fact.net_minor),
    ...optional(withholdingView(fact, shown)),
    entryCount: fact.entry_count,
    owed: text(fact.owed_minor),
    takenOff: text(fact.taken_minor),
    minPayout: orNull(fact.min_payout_minor),
    transferMax: orNull(fact.transfer_max_minor),
    parts: fact.payouts.map(({ part, payout_id: payoutId, amount }) => ({
      part,
      payoutId,
      amount: text(BigInt(amount)),
    })),
    partsMessage: parts.message,
    partsMessageZh: parts.messageZh,
  };
}
