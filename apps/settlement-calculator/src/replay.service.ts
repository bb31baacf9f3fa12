import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { ExplanationQuery, ReplayPage } from '@qingfen/contracts';
import { Database, type Tx } from '@qingfen/database';
import { cursorAt, placeAfter, placePart } from '@qingfen/hosting';
import { invariant } from '@qingfen/money';
import { bookedOrders } from './booked-order.js';
import { orderIdsAfter } from './booked-order.store.js';
import { differencesView, ExplanationAlarm, type Judged } from './explanation-alarm.js';
import { shownIn } from './explanation-words.js';
import { judgeOrder } from './order-verdict.js';
import { performancesAfter } from './performance.store.js';
import { judgePerformance } from './performance-verdict.js';
import { PlanShelf } from './plan-shelf.js';
import { timezoneOf } from './shop.store.js';
import { singleFactsAfter } from './single-fact.store.js';
import { judgeSingle } from './single-verdict.js';
import { statementFactsAfter } from './statement-fact.store.js';
import { judgeStatement } from './statement-verdict.js';

/** What of a shop's books is recomputed, one after the other. */
const parts = ['orders', 'entries', 'performances', 'statements'] as const;
type Part = (typeof parts)[number];

/** Where a page begins: behind this key of this part. */
interface Place {
  readonly part: Part;
  readonly after: string;
}

/** What a page has looked at. */
interface Looked {
  readonly judged: readonly Judged[];
  readonly checked: Partial<ReplayPage['checked']>;
  /** The key of the last one; null when there is nothing behind it in this part. */
  readonly last: string | null;
}

/** Recomputes all that a shop's books have from facts, page by page, and compares. */
@Injectable()
export class ReplayService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(ExplanationAlarm) private readonly alarm: ExplanationAlarm,
  ) {}

  async page(shopId: string, { limit, cursor }: ExplanationQuery): Promise<ReplayPage> {
    const place = placeOf(cursor);
    const { looked, timezone } = await this.database.transaction(async (tx) => ({
      looked: await this.look(tx, { shopId, place, limit }),
      timezone: await timezoneOf(tx, shopId),
    }));
    await this.alarm.note(shopId, looked.judged);
    const differences = looked.judged.flatMap((one) => one.differences);
    const next = nextPlace(place, looked.last);
    return {
      shopId,
      at: shownIn(timezone)(this.clock.now()),
      agrees: differences.length === 0,
      differences: differencesView(differences),
      differenceCount: differences.length,
      checked: { orders: 0, entries: 0, performances: 0, statements: 0, ...looked.checked },
      nextCursor: next === null ? null : cursorAt([next.part, next.after]),
    };
  }

  private look(tx: Tx, of: Behind): Promise<Looked> {
    switch (of.place.part) {
      case 'orders':
        return this.orders(tx, of);
      case 'entries':
        return entries(tx, of);
      case 'performances':
        return this.performances(tx, of);
      case 'statements':
        return statements(tx, of);
      default: {
        const never: never = of.place.part;
        return never;
      }
    }
  }

  private async orders(tx: Tx, { shopId, place, limit }: Behind): Promise<Looked> {
    const { after } = place;
    const orderIds = await orderIdsAfter(tx, shopId, { after, limit });
    const booked = await bookedOrders(tx, this.plans, { shopId, orderIds });
    return {
      judged: booked.map((one): Judged => {
        const subject = { type: 'order', id: one.kept.order_id } as const;
        return { subject, differences: judgeOrder(one).differences };
      }),
      checked: {
        orders: booked.length,
        entries: booked.reduce((sum, one) => sum + one.entries.length, 0),
      },
      last: lastOf(orderIds, limit),
    };
  }

  private async performances(tx: Tx, { shopId, place, limit }: Behind): Promise<Looked> {
    const after = performanceKey(place.after);
    const facts = await performancesAfter(tx, shopId, { after, limit });
    const versions = (await this.plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
    const judged = facts.map((fact): Judged => {
      const plan = versions.find(({ version }) => version === fact.plan_version)?.plan;
      invariant(plan !== undefined, 'a run has the version that it was executed with');
      const subject = { type: 'team', id: `${fact.team_id}:${fact.period}` } as const;
      return { subject, differences: judgePerformance(fact, plan).differences };
    });
    const keys = facts.map((fact) => cursorAt([fact.currency, fact.team_id, fact.period]));
    return { judged, checked: { performances: facts.length }, last: lastOf(keys, limit) };
  }
}

interface Behind {
  readonly shopId: string;
  readonly place: Place;
  readonly limit: number;
}

async function entries(tx: Tx, { shopId, place, limit }: Behind): Promise<Looked> {
  const after = BigInt(place.after === '' ? '0' : place.after);
  const facts = await singleFactsAfter(tx, shopId, { after, limit });
  const judged = facts.map((fact): Judged => {
    const subject = { type: 'entry', id: `en_${fact.entry_id}` } as const;
    return { subject, differences: judgeSingle(fact) };
  });
  const keys = facts.map((fact) => fact.entry_id.toString());
  return { judged, checked: { entries: facts.length }, last: lastOf(keys, limit) };
}

async function statements(tx: Tx, { shopId, place, limit }: Behind): Promise<Looked> {
  const after = BigInt(place.after === '' ? '0' : place.after);
  const facts = await statementFactsAfter(tx, shopId, { after, limit });
  const judged = facts.map((fact): Judged => {
    const subject = { type: 'statement', id: fact.statement_id } as const;
    return { subject, differences: judgeStatement(shopId, fact) };
  });
  const keys = facts.map((fact) => fact.statement_no.toString());
  return { judged, checked: { statements: facts.length }, last: lastOf(keys, limit) };
}

function lastOf(keys: readonly string[], limit: number): string | null {
  return keys.length < limit ? null : (keys.at(-1) ?? null);
}

const { id, number } = placePart;
const isPart = (text: string): boolean => parts.some((part) => part === text);
const isNumber = (text: string): boolean => text === '' || number(text);

/** What a part's places are made of, behind its name. */
const keys: Readonly<Record<Part, (text: string) => boolean>> = {
  orders: id,
  entries: isNumber,
  performances: id,
  statements: isNumber,
};

/** @throws ProblemError 400 for a cursor not ours */
function placeOf(cursor: string | undefined): Place {
  const [name = 'orders'] = placeAfter(cursor, [isPart, () => true]) ?? [];
  const part = parts.find((one) => one === name) ?? 'orders';
  const [, after = ''] = placeAfter(cursor, [isPart, keys[part]]) ?? [];
  return { part, after };
}

/** Behind the last one, or the beginning of the next part; null at the end of the last. */
function nextPlace({ part }: Place, last: string | null): Place | null {
  if (last !== null) return { part, after: last };
  const next = parts[parts.indexOf(part) + 1];
  return next === undefined ? null : { part: next, after: '' };
}

function performanceKey(text: string): readonly [string, string, string] {
  if (text === '') return ['', '', ''];
  const [currency = '', teamId = '', period = ''] = placeAfter(text, [id, id, id]) ?? [];
  return [currency, teamId, period];
}
