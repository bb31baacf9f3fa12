import { Inject, Injectable } from '@nestjs/common';
import type { ExplainedEntry } from '@qingfen/contracts';
import { requiredTasks, type RequiredTask } from '@qingfen/core-plan';
import { partyKey } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import { bookedOrders, type BookedOrder } from './booked-order.js';
import { partyOf, type OrderEntry } from './booked-order.store.js';
import { entriesByIds, viewOfEntry, type EntryRow } from './entry.view.js';
import { causeOf, entryTold, OrderRows } from './explained-entry.js';
import { knownOrders } from './explanation.store.js';
import type { Judged } from './explanation-alarm.js';
import { shownIn } from './explanation-words.js';
import { judgeOrder, type Difference, type OrderVerdict } from './order-verdict.js';
import { PlanShelf } from './plan-shelf.js';
import { singleFacts, type SingleFact } from './single-fact.store.js';
import { judgeSingle } from './single-verdict.js';

/** In which shop, when, and in whose time something is explained. */
export interface Scope {
  readonly shopId: string;
  readonly now: Date;
  readonly timezone: string;
}

/** An entry recomputed and told, with what it was recomputed from. */
export interface Explained {
  readonly row: EntryRow;
  readonly told: ExplainedEntry;
  /** Of its own party; its order may have more. */
  readonly differences: readonly Difference[];
  /** Null for what belongs to no line, which has a fact of its own. */
  readonly telling: OrderTelling | null;
  readonly fact: SingleFact | null;
}

/** Entries of any kind, recomputed from their facts. */
@Injectable()
export class EntryExplainer {
  constructor(@Inject(PlanShelf) private readonly plans: PlanShelf) {}

  /** Entries by their numbers, in their order, and what was judged on the way. */
  async byIds(
    tx: Tx,
    scope: Scope,
    entryIds: readonly bigint[],
  ): Promise<{ readonly explained: readonly Explained[]; readonly judged: readonly Judged[] }> {
    const { shopId } = scope;
    const rows = await entriesByIds(tx, shopId, entryIds, await this.tasksOf(tx, scope));
    const facts = new Map(
      (await singleFacts(tx, shopId, entryIds)).map((fact) => [fact.entry_id, fact]),
    );
    const ofLines = rows.filter((row) => !facts.has(row.entry_id));
    const orderIds = [...new Set(ofLines.map((row) => row.order_id))];
    const telling = await this.orders(tx, scope, orderIds);
    const singles = [...facts.values()].map((fact) => ({ fact, differences: judgeSingle(fact) }));
    const explained = rows.map((row): Explained => {
      const single = singles.find(({ fact }) => fact.entry_id === row.entry_id);
      if (single !== undefined) return explainedSingle(row, single, scope);
      const order = telling.get(row.order_id);
      if (order === undefined) throw new Error(`entry ${row.entry_id} has no order`);
      return order.explain(row);
    });
    const judged = [
      ...[...telling.values()].map((order) => order.judged()),
      ...singles.map(({ fact, differences }): Judged => {
        return { subject: { type: 'entry', id: `en_${fact.entry_id}` }, differences };
      }),
    ];
    return { explained, judged };
  }

  /** Orders recomputed, each ready to tell its entries. */
  async orders(
    tx: Tx,
    scope: Scope,
    orderIds: readonly string[],
  ): Promise<ReadonlyMap<string, OrderTelling>> {
    const { shopId } = scope;
    if (orderIds.length === 0) return new Map();
    const known = await knownOrders(tx, this.plans, shopId, orderIds);
    const booked = await bookedOrders(tx, this.plans, { shopId, orderIds });
    return new Map(
      booked.map((one) => {
        const orderId = one.kept.order_id;
        const how = (row: EntryRow) =>
          known.get(orderId)?.explanations.of(row, row.statement_batch) ?? null;
        return [orderId, new OrderTelling(one, judgeOrder(one), scope, how)];
      }),
    );
  }

  /** What payees must have done by now, whatever they are paid in. */
  async tasksOf(tx: Tx, { shopId, now }: Scope): Promise<readonly RequiredTask[]> {
    const versions = (await this.plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
    const currencies = new Set(versions.map(({ plan }) => plan.currency));
    return [...currencies].flatMap((currency) =>
      requiredTasks(
        versions.filter(({ plan }) => plan.currency === currency),
        now,
      ),
    );
  }
}

type How = (row: EntryRow) => ExplainedEntry['entry']['how'];

/** An order that was recomputed, and tells its entries. */
export class OrderTelling {
  private readonly rows: OrderRows;
  private readonly entries: ReadonlyMap<bigint, OrderEntry>;

  constructor(
    readonly booked: BookedOrder,
    readonly verdict: OrderVerdict,
    private readonly scope: Scope,
    private readonly how: How,
  ) {
    this.rows = new OrderRows(booked, verdict.expected, shownIn(scope.timezone));
    this.entries = new Map(booked.entries.map((entry) => [entry.entry_id, entry]));
  }

  judged(): Judged {
    const subject = { type: 'order', id: this.booked.kept.order_id } as const;
    return { subject, differences: this.verdict.differences };
  }

  explain(row: EntryRow): Explained {
    const { booked, scope, verdict } = this;
    const entry = this.entries.get(row.entry_id);
    if (entry === undefined) throw new Error(`entry ${row.entry_id} is not of its order`);
    const key = partyKey(partyOf(entry));
    const source = {
      entry: viewOfEntry(row, { ...scope, how: this.how(row) }),
      cause: causeOf(entry.cause),
      causeId: entry.cause_id,
      corrects: entry.corrects,
      correlationId: entry.correlation_id ?? booked.kept.correlation_id,
      bookedAt: entry.booked_at,
      batchId: entry.batch_id,
    };
    return {
      row,
      told: entryTold(source, this.rows.of(entry), shownIn(scope.timezone)),
      differences: verdict.differences.filter(({ party }) => party === key),
      telling: this,
      fact: null,
    };
  }
}

function explainedSingle(
  row: EntryRow,
  { fact, differences }: { readonly fact: SingleFact; readonly differences: readonly Difference[] },
  scope: Scope,
): Explained {
  const shown = shownIn(scope.timezone);
  const entry = viewOfEntry(row, { ...scope, how: null });
  const cause = causeOf(fact.cause);
  const told = entryTold(
    {
      entry,
      cause,
      causeId: fact.cause_id,
      corrects: null,
      correlationId: fact.correlation_id,
      bookedAt: fact.booked_at,
      batchId: fact.batch_id,
    },
    [
      {
        row: 'entry',
        entryId: entry.entryId,
        cause,
        causeId: fact.cause_id,
        at: shown(fact.matures_at),
        bookedAt: shown(fact.booked_at),
        journalBatch: fact.batch_id.toString(),
        base: null,
        target: null,
        expected: null,
        amount: entry.amount,
      },
    ],
    shown,
  );
  return { row, told, differences, telling: null, fact };
}
