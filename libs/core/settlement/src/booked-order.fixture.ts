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
import { maturesAt } from './maturity.js';
import { partyKey, type Closing, type OrderStep, type Party } from './replay-order.js';
import { refundOrder, type RefundedSoFar } from './refund-order.js';
import type { BookedRow } from './compare-booked.js';

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
  | { readonly what: 'statement'; readonly parties: number };

export interface OrderCase {
  readonly order: OrderFact;
  readonly plan: Plan;
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
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: refund },
  { weight: 2, arbitrary: reversal },
  { weight: 2, arbitrary: statement },
);

/** Orders of a few lines under any plan, and what happens to them. */
export const orderCase: fc.Arbitrary<OrderCase> = fc
  .record({
    plan: anyPlan,
    items: fc.array(fc.tuple(item, lineKind, fc.nat(1)), { minLength: 1, maxLength: 4 }),
    distributors,
    buyerPayeeId,
    facts,
    happenings: fc.array(happening, { maxLength: 12 }),
  })
  .map(({ plan, items, happenings, ...people }) => {
    const { rateFacts } = chainOfCase(people);
    return {
      plan,
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
  private refunded: RefundedSoFar = new Map();
  private readonly reversible: OrderStep[] = [];
  private batchId = 1n;
  private entryId = 0n;
  private refundCount = 0;

  constructor(private readonly told: OrderCase) {
    const { order, plan, happenings } = told;
    for (const entry of accrueOrder(order, plan, 1).entries) {
      this.add(entry, { row: 'entry', maturesAt: entry.maturesAt, amountMinor: entry.amountMinor });
    }
    for (const [index, one] of happenings.entries()) {
      const joins = one.what === 'refund' && one.joins && happenings[index - 1]?.what === 'refund';
      if (!joins) this.batchId += 1n;
      if (one.what === 'refund') this.refund(one.item, one.share);
      else if (one.what === 'reversal') this.reverse(one.choice);
      else this.state(one.parties);
    }
  }

  private refund(choice: number, share: number): void {
    const { items } = this.told.order;
    const chosen = items[choice % items.length];
    invariant(chosen !== undefined, 'an order has items');
    const { itemId } = chosen;
    const before = this.refunded.get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
    const part = (whole: Minor, taken: Minor): Minor =>
      minor(((whole - taken) * BigInt(share)) / 4n);
    const amount = part(chosen.amountMinor, before.amountMinor);
    const subsidy = part(chosen.subsidyMinor, before.subsidyMinor);
    if (amount + subsidy === 0n) return;
    const step = this.step('refund', [{ itemId, amountMinor: amount, subsidyMinor: subsidy }]);
    this.reversible.push(step);
    this.book(step);
  }

  private reverse(choice: number): void {
    const [refund] = this.reversible.splice(choice % Math.max(this.reversible.length, 1), 1);
    if (refund === undefined) return;
    const items = refund.items.map((one) => ({
      itemId: one.itemId,
      amountMinor: minor(-one.amountMinor),
      subsidyMinor: minor(-one.subsidyMinor),
    }));
    this.book({ ...this.step('refund-reversal', items), causeId: refund.causeId });
  }

  private step(cause: OrderStep['cause'], items: OrderStep['items']): OrderStep {
    const { batchId } = this;
    this.refundCount += 1;
    const at = new Date(this.refundCount * 1000);
    return { cause, causeId: `r-${this.refundCount}`, at, items, batchId };
  }

  private book(step: OrderStep): void {
    const { order, plan } = this.told;
    const judged = refundOrder(order, plan, this.refunded, step.items);
    invariant(judged.kind === 'applied', 'what fits is applied');
    this.refunded = judged.refunded;
    this.steps.push(step);
    for (const difference of judged.differences) {
      if (difference.kind === 'supplier' && difference.payeeId === null) continue;
      const entry = this.entryOf(difference);
      const { amountMinor: changeMinor } = difference;
      if (entry === undefined) {
        const own = maturesAt(difference.kind, order.completedAt, plan);
        this.add(difference, { row: 'entry', maturesAt: own, amountMinor: changeMinor });
      } else if (entry.batchId === step.batchId) {
        this.rows.splice(this.rows.indexOf(entry), 1);
        const amountMinor = minor(entry.amountMinor + changeMinor);
        if (amountMinor !== 0n) this.rows.push({ ...entry, amountMinor });
      } else if (this.isClosed(difference)) {
        const correcting = { step, corrects: entry.entryId, amountMinor: changeMinor };
        this.add(difference, { row: 'correction', maturesAt: step.at, ...correcting });
      } else {
        const { entryId } = entry;
        const changing = { step, entryId, amountMinor: changeMinor, planVersion: null };
        this.add(difference, { row: 'adjustment', maturesAt: entry.maturesAt, ...changing });
      }
    }
  }

  /** States some parties: what a run would take of those that are owed anything. */
  private state(parties: number): void {
    const entries = this.rows.filter(({ row, kind }) => row === 'entry' && kind !== 'platform-fee');
    for (const [index, entry] of entries.entries()) {
      const isChosen = (parties & (1 << (index % 8))) !== 0;
      if (!isChosen || this.isClosed(entry) || this.sumOf(entry) === 0n) continue;
      this.closings.push({ ...partyOf(entry), batchId: this.batchId });
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

  private entryOf(party: Party): BookedRow | undefined {
    return this.rows.find((row) => row.row === 'entry' && partyKey(row) === partyKey(party));
  }

  private isClosed(party: Party): boolean {
    return this.closings.some((closing) => partyKey(closing) === partyKey(party));
  }

  private add(
    party: Party,
    row: Pick<BookedRow, 'row' | 'maturesAt' | 'amountMinor'> & {
      readonly step?: OrderStep;
      readonly entryId?: bigint;
      readonly corrects?: bigint;
      readonly planVersion?: null;
    },
  ): void {
    const { step, entryId = (this.entryId += 1n), corrects = null, planVersion = 1, ...rest } = row;
    this.rows.push({
      ...partyOf(party),
      ...rest,
      entryId,
      corrects,
      planVersion,
      batchId: this.batchId,
      cause: step?.cause ?? 'order',
      causeId: step?.causeId ?? null,
    });
  }
}

function partyOf({ itemId, kind, level, payeeId }: Party): Party {
  return { itemId, kind, level, payeeId };
}
