import fc from 'fast-check';
import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import { accrueOrder, type OrderFact } from './accrue-order.js';
import {
  buyerPayeeId,
  chainOfCase,
  distributors,
  facts,
  lineKind,
  plan as anyPlan,
} from './arbitraries.js';
import type { BookedRow } from './compare-booked.js';
import { maturesAt } from './maturity.js';
import type { BoundVersion, OrderStep, RefundStep } from './order-stages.js';
import { rebindOrder, unbindOrder } from './rebind-order.js';
import { partyKey, type Closing, type Party } from './replay-order.js';
import { refundOrder, type LineDifference, type RefundedSoFar } from './refund-order.js';

// Books of one order, kept in memory by the functions that the services book with: what a replay is
// compared with.

/** Something that happens to an order; the choices pick what is possible at the time. */
type Happening =
  | {
      readonly what: 'refund';
      readonly item: number;
      readonly share: number;
      /** Booked by the same batch as the refund before it. */
      readonly joins: boolean;
    }
  | { readonly what: 'reversal'; readonly choice: number }
  | { readonly what: 'statement'; readonly parties: number }
  | { readonly what: 'version'; readonly choice: number };

export interface OrderCase {
  readonly order: OrderFact;
  /** The first binds it. */
  readonly plans: readonly [Plan, ...Plan[]];
  readonly happenings: readonly Happening[];
}

const amountMinor = fc.oneof(
  fc.bigInt({ min: 0n, max: 30n }),
  fc.bigInt({ min: 0n, max: 100_000n }),
);
const item = fc.record({ amountMinor, subsidyMinor: fc.oneof(fc.constant(0n), amountMinor) });

const refund = fc.record({
  what: fc.constant('refund' as const),
  item: fc.nat(9),
  share: fc.nat(4),
  joins: fc.boolean(),
});
const reversal = fc.record({ what: fc.constant('reversal' as const), choice: fc.nat(9) });
const statement = fc.record({ what: fc.constant('statement' as const), parties: fc.nat(255) });
const version = fc.record({ what: fc.constant('version' as const), choice: fc.nat(9) });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: refund },
  { weight: 2, arbitrary: reversal },
  { weight: 2, arbitrary: statement },
  { weight: 1, arbitrary: version },
);

/** Orders of a few lines under any plans, and what happens to them. */
export const orderCase: fc.Arbitrary<OrderCase> = fc
  .record({
    plans: fc.tuple(anyPlan, anyPlan, anyPlan),
    items: fc.array(fc.tuple(item, lineKind, fc.nat(1)), { minLength: 1, maxLength: 4 }),
    distributors,
    buyerPayeeId,
    facts,
    happenings: fc.array(happening, { maxLength: 12 }),
  })
  .map(({ plans, items, happenings, ...people }) => {
    const { rateFacts } = chainOfCase(people);
    return {
      plans,
      happenings,
      order: {
        shopId: 's',
        orderId: 'o',
        currency: 'CNY',
        paidAt: new Date(0),
        completedAt: new Date(86_400_000),
        distributors: people.distributors,
        ...(people.buyerPayeeId !== undefined && { buyerPayeeId: people.buyerPayeeId }),
        items: items.map(([paid, kind, supplier], index) => ({
          itemId: `${index + 1}`,
          supplierId: `s-${supplier}`,
          kind,
          amountMinor: minor(paid.amountMinor),
          subsidyMinor: minor(paid.subsidyMinor),
        })),
        rateFacts,
      },
    };
  });

/** What one order has in the books after all that happened. */
export class OrderBooks {
  readonly rows: BookedRow[] = [];
  readonly steps: OrderStep[] = [];
  readonly closings: Closing[] = [];
  readonly first: BoundVersion;
  private bound: BoundVersion | null;
  /** Refunds that stand; booked again should the order be bound once more. */
  private applied: RefundStep[] = [];
  private batchId = 1n;
  private entryId = 0n;
  private count = 0;

  constructor(private readonly told: OrderCase) {
    this.first = { plan: told.plans[0], version: 1 };
    this.bound = this.first;
    this.accrue(this.first);
    for (const [index, one] of told.happenings.entries()) {
      const joins = one.what === 'refund' && one.joins;
      if (!joins || told.happenings[index - 1]?.what !== 'refund') this.batchId += 1n;
      if (one.what === 'refund') this.refund(one.item, one.share);
      else if (one.what === 'reversal') this.reverse(one.choice);
      else if (one.what === 'statement') this.state(one.parties);
      else this.bind(one.choice);
    }
  }

  private accrue({ plan, version: planVersion }: BoundVersion): void {
    for (const entry of accrueOrder(this.told.order, plan, planVersion).entries) {
      this.add(entry, { row: 'entry', maturesAt: entry.maturesAt, amountMinor: entry.amountMinor });
    }
  }

  private refund(choice: number, share: number): void {
    const { items } = this.told.order;
    const chosen = items[choice % items.length];
    invariant(chosen !== undefined, 'an order has items');
    const { itemId } = chosen;
    const before = this.refunded().get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
    const part = (whole: Minor, taken: Minor): Minor =>
      minor(((whole - taken) * BigInt(share)) / 4n);
    const amount = part(chosen.amountMinor, before.amountMinor);
    const subsidy = part(chosen.subsidyMinor, before.subsidyMinor);
    if (amount + subsidy === 0n) return;
    const step = this.step('refund', [{ itemId, amountMinor: amount, subsidyMinor: subsidy }]);
    this.book(step, this.refunded());
    this.applied.push(step);
  }

  private reverse(choice: number): void {
    const refundStep = this.applied[choice % Math.max(this.applied.length, 1)];
    if (refundStep === undefined) return;
    const items = refundStep.items.map((one) => ({
      itemId: one.itemId,
      amountMinor: minor(-one.amountMinor),
      subsidyMinor: minor(-one.subsidyMinor),
    }));
    const { causeId } = refundStep;
    this.book({ ...this.step('refund-reversal', items), causeId }, this.refunded());
    this.applied = this.applied.filter((one) => one !== refundStep);
  }

  /** Another version, or none, or the first one for an order that has none. */
  private bind(choice: number): void {
    const { order, plans } = this.told;
    const plan = plans[choice % (plans.length + 1)];
    const to = plan === undefined ? null : { plan, version: plans.indexOf(plan) + 1 };
    const from = this.bound;
    if (from === null && to === null) return;
    const causeId = `version:${to?.version ?? 'none'}`;
    const at = new Date(Number(this.batchId) * 1000);
    const step = { causeId, at, to, batchId: this.batchId } as const;
    this.bound = to;
    if (from === null && to !== null) {
      this.steps.push({ ...step, cause: 'binding' });
      this.accrue(to);
      this.batchId += 1n;
      const again = this.applied.map((one) => ({ ...one, batchId: this.batchId }));
      this.applied = [];
      for (const one of again) {
        this.book(one, this.refunded());
        this.applied.push(one);
      }
    } else if (from !== null) {
      const known = this.refunded();
      const rebinding =
        to === null
          ? unbindOrder(order, from.plan, known)
          : rebindOrder(order, { from: from.plan, to: to.plan }, known);
      this.steps.push({ ...step, cause: 'rebinding' });
      this.rebind(rebinding, { ...step, cause: 'rebinding', planVersion: (to ?? from).version });
    }
  }

  private rebind(
    { before, after, differences }: ReturnType<typeof rebindOrder>,
    by: {
      readonly cause: 'rebinding';
      readonly causeId: string;
      readonly at: Date;
      readonly planVersion: number;
    },
  ): void {
    const standing = new Map(this.rows.map((row) => [partyKey(row), this.standing(row)]));
    for (const owed of before) {
      const entry = standing.get(partyKey(owed));
      if (entry === undefined || this.isClosed(entry)) continue;
      const amount = minor(-owed.amountMinor);
      this.adjust(entry, amount, by);
    }
    for (const difference of differences) {
      const entry = standing.get(partyKey(difference));
      if (entry !== undefined && this.isClosed(entry)) this.correct(entry, difference, by);
    }
    for (const owed of after) {
      const entry = standing.get(partyKey(owed));
      if (entry !== undefined && this.isClosed(entry)) continue;
      this.add(owed, { row: 'entry', maturesAt: owed.maturesAt, amountMinor: owed.amountMinor });
    }
  }

  private step(cause: RefundStep['cause'], items: RefundStep['items']): RefundStep {
    const { batchId } = this;
    this.count += 1;
    return { cause, causeId: `r-${this.count}`, at: new Date(this.count * 1000), items, batchId };
  }

  private refunded(): RefundedSoFar {
    const sums = new Map<string, { amountMinor: Minor; subsidyMinor: Minor }>();
    for (const { itemId, ...one } of this.applied.flatMap(({ items }) => items)) {
      const sum = sums.get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
      sums.set(itemId, {
        amountMinor: minor(sum.amountMinor + one.amountMinor),
        subsidyMinor: minor(sum.subsidyMinor + one.subsidyMinor),
      });
    }
    return sums;
  }

  private book(step: RefundStep, known: RefundedSoFar): void {
    const { order } = this.told;
    if (this.bound === null) return; // nothing is owed yet, so nothing is taken back
    const { plan, version: planVersion } = this.bound;
    const judged = refundOrder(order, plan, known, step.items);
    invariant(judged.kind === 'applied', 'what fits is applied');
    this.steps.push(step);
    for (const difference of judged.differences) {
      if (difference.kind === 'supplier' && difference.payeeId === null) continue;
      const entry = this.standing(difference);
      if (entry !== undefined && this.isClosed(entry)) {
        this.correct(entry, difference, { ...step, planVersion });
      } else if (entry?.planVersion !== planVersion) {
        this.add(difference, {
          row: 'entry',
          maturesAt: maturesAt(difference.kind, order.completedAt, plan),
          amountMinor: difference.amountMinor,
        });
      } else if (entry.batchId === step.batchId) {
        this.rows.splice(this.rows.indexOf(entry), 1);
        const sum = minor(entry.amountMinor + difference.amountMinor);
        if (sum !== 0n) this.rows.push({ ...entry, amountMinor: sum });
      } else this.adjust(entry, difference.amountMinor, step);
    }
  }

  private correct(
    entry: BookedRow,
    difference: LineDifference,
    by: {
      readonly cause: string;
      readonly causeId: string;
      readonly at: Date;
      readonly planVersion: number;
    },
  ): void {
    const { cause, causeId, at, planVersion } = by;
    const of = { cause, causeId, planVersion, corrects: entry.entryId, maturesAt: at };
    const { amountMinor: changeMinor } = difference;
    this.add(difference, { row: 'correction', amountMinor: changeMinor, ...of });
  }

  private adjust(
    entry: BookedRow,
    changeMinor: Minor,
    { cause, causeId }: { readonly cause: string; readonly causeId: string },
  ): void {
    const { entryId, maturesAt: own } = entry;
    const of = { cause, causeId, entryId, maturesAt: own, planVersion: null };
    this.add(entry, { row: 'adjustment', amountMinor: changeMinor, ...of });
  }

  /** States some parties: what a run would take of those that are owed anything. */
  private state(parties: number): void {
    const entries = this.rows.filter(({ row, kind }) => row === 'entry' && kind !== 'platform-fee');
    for (const [index, entry] of entries.entries()) {
      const isChosen = (parties & (1 << (index % 8))) !== 0;
      if (!isChosen || this.isClosed(entry) || this.sumOf(entry) === 0n) continue;
      const { batchId: begunBy } = entry;
      this.closings.push({ ...partyOf(entry), begunBy, batchId: this.batchId });
    }
  }

  /** Everything that the party is owed, corrections included. */
  owed(party: Party): bigint {
    const own = this.rows.filter((row) => partyKey(row) === partyKey(party));
    return own.reduce((sum, row) => sum + row.amountMinor, 0n);
  }

  private sumOf(entry: BookedRow): bigint {
    const own = this.rows.filter((row) => row.entryId === entry.entryId);
    return own.reduce((sum, row) => sum + row.amountMinor, 0n);
  }

  private standing(party: Party): BookedRow | undefined {
    const own = this.rows.filter((row) => row.row === 'entry' && partyKey(row) === partyKey(party));
    return own.find((entry) => this.isClosed(entry)) ?? own.at(-1);
  }

  private isClosed(entry: BookedRow): boolean {
    return this.closings.some(
      (one) => one.begunBy === entry.batchId && partyKey(one) === partyKey(entry),
    );
  }

  private add(
    party: Party,
    row: Pick<BookedRow, 'row' | 'maturesAt' | 'amountMinor'> & Partial<BookedRow>,
  ): void {
    this.entryId += 1n;
    this.rows.push({
      entryId: this.entryId,
      corrects: null,
      planVersion: this.bound?.version ?? null,
      batchId: this.batchId,
      cause: 'order',
      causeId: null,
      ...row,
      ...partyOf(party),
    });
  }
}

function partyOf({ itemId, kind, level, payeeId }: Party): Party {
  return { itemId, kind, level, payeeId };
}
