import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type {
  EntryExplained,
  ExplainedReward,
  ExplanationQuery,
  OrderExplained,
} from '@qingfen/contracts';
import { Database, type Tx } from '@qingfen/database';
import { notFound, pageOfRows, placeAfter, placePart } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { bookedOrders } from './booked-order.js';
import {
  EntryExplainer,
  type Explained,
  type OrderTelling,
  type Scope,
} from './entry-explainer.js';
import { entriesOfOrder } from './entry.view.js';
import { holdsOf } from './explained-hold.store.js';
import { linesView, orderView } from './explained-order.js';
import { countedOrders, rewardView } from './explained-reward.js';
import { differencesView, ExplanationAlarm, type Judged } from './explanation-alarm.js';
import { shownIn } from './explanation-words.js';
import type { Difference } from './order-verdict.js';
import { countsAfter, performanceOf } from './performance.store.js';
import { judgePerformance } from './performance-verdict.js';
import { PlanShelf } from './plan-shelf.js';
import { numberOfId } from './request.js';
import { timezoneOf } from './shop.store.js';
import type { SingleFact } from './single-fact.store.js';
import { statementTax } from './statement-fact.store.js';
import { teamOfOwner } from './team.store.js';
import { withholdingView } from './withholding-words.js';

/** Entries and orders, with everything that they follow from, recomputed and compared. */
@Injectable()
export class ExplanationService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryExplainer) private readonly explainer: EntryExplainer,
    @Inject(ExplanationAlarm) private readonly alarm: ExplanationAlarm,
  ) {}

  /** @throws ProblemError 404 */
  async order(shopId: string, orderId: string): Promise<OrderExplained> {
    const { answer, judged } = await this.database.transaction((tx) =>
      this.readOrder(tx, shopId, orderId),
    );
    await this.alarm.note(shopId, judged);
    return answer;
  }

  /** @throws ProblemError 404 */
  async entry(shopId: string, id: string, page: ExplanationQuery): Promise<EntryExplained> {
    const { answer, judged } = await this.database.transaction((tx) =>
      this.readEntry(tx, { shopId, id, page }),
    );
    await this.alarm.note(shopId, judged);
    return answer;
  }

  private async readOrder(
    tx: Tx,
    shopId: string,
    orderId: string,
  ): Promise<{ readonly answer: OrderExplained; readonly judged: readonly Judged[] }> {
    const scope = await this.scopeOf(tx, shopId);
    const telling = (await this.explainer.orders(tx, scope, [orderId])).get(orderId);
    if (telling === undefined) throw notFound('No such order is completed.');
    const tasks = await this.explainer.tasksOf(tx, scope);
    const rows = await entriesOfOrder(tx, shopId, orderId, tasks);
    const judged = telling.judged();
    const ofLines = rows.filter((row) => row.item_id !== null);
    return {
      judged: [judged],
      answer: {
        shopId,
        orderId,
        ...judgedView(scope, judged.differences),
        order: await this.orderOf(tx, telling, scope),
        lines: linesView(telling.booked, null),
        entries: ofLines.map((row) => telling.explain(row).told),
      },
    };
  }

  private async readEntry(
    tx: Tx,
    of: { readonly shopId: string; readonly id: string; readonly page: ExplanationQuery },
  ): Promise<{ readonly answer: EntryExplained; readonly judged: readonly Judged[] }> {
    const { shopId, id, page } = of;
    const scope = await this.scopeOf(tx, shopId);
    const { explained, judged } = await this.explainer.byIds(tx, scope, [numberOfId('en', id)]);
    const [one] = explained;
    if (one === undefined) throw notFound(`The shop has no entry ${id}.`);
    const { told, telling, fact } = one;
    const reward =
      fact?.cause === 'team-reward' ? await this.rewardOf(tx, scope, fact, page) : null;
    const differences = [...one.differences, ...(reward?.differences ?? [])];
    const itemIds = new Set([told.entry.itemId ?? '']);
    return {
      judged: reward === null ? judged : [...judged, reward.judged],
      answer: {
        shopId,
        entryId: id,
        ...judgedView(scope, differences),
        told,
        order: telling === null ? null : await this.orderOf(tx, telling, scope),
        line: telling === null ? null : (linesView(telling.booked, itemIds)[0] ?? null),
        giveBack: giveBackView(one, scope),
        teamReward: reward?.view ?? null,
        manual: manualView(one),
        ...(await this.withholdingOf(tx, scope, told.entry.statementId)),
      },
    };
  }

  /** The facts of an order, with its holds and whether the close of its window was heard. */
  private async orderOf(
    tx: Tx,
    { booked }: OrderTelling,
    { shopId, timezone }: Scope,
  ): Promise<OrderExplained['order']> {
    const { order_id: orderId, window_ends_at: endsAt } = booked.kept;
    const [heard] = await tx.query<{ heard: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM window_evidence
                       WHERE shop_id = $1 AND order_id = $2 AND completed_at = $3
                         AND closed_at >= $4) AS heard`,
      [shopId, orderId, booked.order.completedAt, endsAt],
    );
    return orderView(booked, {
      shown: shownIn(timezone),
      closeHeard: heard?.heard === true,
      holds: await holdsOf(tx, shopId, 'order', [orderId]),
    });
  }

  /** What was withheld of the statement that lists an entry. */
  private async withholdingOf(
    tx: Tx,
    { shopId, timezone }: Scope,
    statementId: string | null,
  ): Promise<Pick<EntryExplained, 'withholding'>> {
    const fact = await statementTax(tx, shopId, statementId);
    const withholding = fact === undefined ? undefined : withholdingView(fact, shownIn(timezone));
    return withholding === undefined ? {} : { withholding };
  }

  private async rewardOf(
    tx: Tx,
    scope: Scope,
    fact: SingleFact,
    page: ExplanationQuery,
  ): Promise<{
    readonly view: ExplainedReward;
    readonly differences: readonly Difference[];
    readonly judged: Judged;
  } | null> {
    const { shopId, timezone } = scope;
    const teamId = teamOfOwner(fact.owner_id) ?? '';
    const key = { currency: fact.currency, teamId, period: fact.cause_id ?? '' };
    const performance = await performanceOf(tx, shopId, key);
    const versions = (await this.plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
    const plan = versions.find(({ version }) => version === performance?.plan_version)?.plan;
    if (performance === undefined || plan === undefined) return null;
    const verdict = judgePerformance(performance, plan);
    const [after = ''] = placeAfter(page.cursor, [placePart.id]) ?? [];
    const counts = await countsAfter(tx, shopId, key, { after, limit: page.limit + 1 });
    const listed = pageOfRows(counts, page.limit, (count) => [count.order_id]);
    const orderIds = listed.rows.map((count) => count.order_id);
    const booked = await bookedOrders(tx, this.plans, { shopId, orderIds });
    const view = rewardView(performance, plan, {
      verdict,
      orders: countedOrders(performance, listed.rows, booked),
      nextCursor: listed.nextCursor,
      shown: shownIn(timezone),
    });
    const subject = { type: 'team', id: `${teamId}:${performance.period}` } as const;
    const { differences } = verdict;
    return { view, differences, judged: { subject, differences } };
  }

  async scopeOf(tx: Tx, shopId: string): Promise<Scope> {
    return { shopId, now: this.clock.now(), timezone: await timezoneOf(tx, shopId) };
  }
}

/** When it was recomputed, and what came of it. */
export function judgedView(
  { now, timezone }: Scope,
  differences: readonly Difference[],
): Pick<OrderExplained, 'at' | 'agrees' | 'differences'> {
  return {
    at: shownIn(timezone)(now),
    agrees: differences.length === 0,
    differences: differencesView(differences),
  };
}

function giveBackView({ fact }: Explained, { timezone }: Scope): EntryExplained['giveBack'] {
  const payout = fact?.payout ?? null;
  if (payout === null) return null;
  const { payout_id: payoutId, statement_id: statementId, currency, status } = payout;
  const endedAt = payout.ended_at === null ? null : shownIn(timezone)(new Date(payout.ended_at));
  const amount = formatAmount(minor(BigInt(payout.amount)), currency);
  return { payoutId, statementId, amount, status, endedAt };
}

function manualView({ fact }: Explained): EntryExplained['manual'] {
  const manual = fact?.manual ?? null;
  if (manual === null) return null;
  const { reason, made_by: by, approved_by: approvedBy, state } = manual;
  return { id: fact?.cause_id ?? '', reason, by, approvedBy, state };
}
