import {
  accountsOf,
  fenOf,
  isHeld,
  isPayeeHeld,
  type ReferenceKind,
  type ReferenceRun,
  ReferenceShop,
  type ReferenceStatement,
  type ReferenceVersion,
  tellWindows,
  withBrought,
  yuanOf,
} from '@qingfen/testing';
import { beginningMs, midnightOf, shanghai } from './calendar.js';
import { type CastPayee, type CastShop, payeesOf } from './cast.js';
import type { News } from './news.js';
import type { Act } from './script.js';

/** A statement that must exist, and whether its payouts arrive or are given back. */
export interface ExpectedStatement extends ReferenceStatement {
  readonly shop: CastShop;
  readonly identity: string;
  readonly isPaid: boolean;
}

/** Executed runs in a row with a debt, after which somebody is told. */
const overdueAfterRuns = 3;

/**
 * One shop of the demo by the plain reference, which is told what the script tells; accounts that
 * are frozen send their payouts back.
 */
export class ShopBooks {
  readonly shop: CastShop;
  readonly reference: ReferenceShop;
  /** The same shop, but that nothing ever goes back: what was owed at first. */
  readonly unrefunded: ReferenceShop;
  /** Orders disputed after something of them was stated, until the last dispute is resolved. */
  readonly disputedLate = new Set<string>();
  /** Refunds that came before their order. */
  refundsFirst = 0;
  readonly #frozen = new Set<string>();

  constructor(shop: CastShop) {
    this.shop = shop;
    this.reference = opened(shop);
    this.unrefunded = opened(shop);
  }

  hear({ topic, data }: News): void {
    const { reference } = this;
    switch (topic) {
      case 'order-completed':
        reference.complete([data]);
        this.unrefunded.complete([data]);
        tellWindows(reference.state);
        return;
      case 'order-refunded':
        if (!reference.state.orders.has(data.orderId)) this.refundsFirst += 1;
        reference.refund(data);
        return;
      case 'order-refund-reversed':
        reference.reverseRefund(data);
        return;
      case 'order-disputed':
        if (this.#isStated(data.orderId)) this.disputedLate.add(data.orderId);
        reference.dispute(data);
        return;
      case 'order-dispute-resolved':
        reference.resolveDispute(data);
        if (!this.#isDisputed(data.orderId)) this.disputedLate.delete(data.orderId);
    }
  }

  /** A plan's publication is nothing new: its version counts from its own instant on. */
  undergo(act: Act, nowMs: number): void {
    switch (act.what) {
      case 'freeze':
        this.#frozen.add(act.payeeId);
        return;
      case 'mend': {
        const payee = payeesOf(this.shop).find(({ payeeId }) => payeeId === act.payeeId);
        if (payee === undefined) throw new Error(`nobody is called ${act.payeeId}`);
        this.#frozen.delete(act.payeeId);
        tell(this.reference, this.shop, { ...payee, identity: act.identity }, nowMs);
        return;
      }
      case 'publish-plan':
    }
  }

  /** Time passes to an instant. @returns what its runs state */
  live(untilMs: number): readonly ExpectedStatement[] {
    const { state } = this.reference;
    const statements = this.reference.runsToCome(untilMs).flatMap((run) => {
      state.nowMs = run.dueMs;
      return this.reference.execute(run).map((statement) => this.#pay(run, statement));
    });
    state.nowMs = untilMs;
    return statements;
  }

  /** Payees whose debt of some kind stood after three executed runs in a row. */
  overdue(): ReadonlySet<string> {
    const overdue = [...this.reference.state.debtRuns].filter(
      ([, runs]) => runs >= overdueAfterRuns,
    );
    return new Set(overdue.map(([key]) => key.slice(key.indexOf(' ') + 1)));
  }

  /** Every account of the ledger that is not zero, debit less credit. */
  accounts(): ReadonlyMap<string, bigint> {
    const told = withBrought(accountsOf(this.reference.state), fenOf(this.shop.balance));
    return new Map([...told].filter(([, fen]) => fen !== 0n));
  }

  /** Σ of what holds keep back of a payee and kind, in fen. */
  heldFen(kind: ReferenceKind, payeeId: string): bigint {
    const { state } = this.reference;
    const isAllHeld = isPayeeHeld(state, payeeId);
    return [...state.open]
      .filter((entry) => entry.kind === kind && entry.owner === payeeId)
      .filter((entry) => isHeld(state, entry) || (isAllHeld && entry.fen > 0n))
      .reduce((sum, { fen }) => sum + fen, 0n);
  }

  #pay(run: ReferenceRun, statement: ReferenceStatement): ExpectedStatement {
    const { shop, reference } = this;
    const { shopId } = shop;
    const { payeeId, payouts } = statement;
    const identity = reference.state.payees.get(payeeId)?.data.alipay?.identity;
    if (identity === undefined) throw new Error(`${payeeId} has no account`);
    const isPaid = !this.#frozen.has(payeeId);
    const result = isPaid
      ? ({ status: 'succeeded' } as const)
      : ({ status: 'failed', payeeFault: true } as const);
    for (const { payoutId, statementId, kind, fen } of payouts) {
      const ids = { shopId, payoutId, statementId, payeeId, kind, currency: 'CNY', seq: 1 };
      const at = shanghai(run.dueMs);
      reference.hearResult({ ...ids, ...result, amount: yuanOf(fen), at });
    }
    return { ...statement, shop, identity, isPaid };
  }

  #isDisputed(orderId: string): boolean {
    return [...this.reference.state.holds].some(
      ({ on, id, reason }) => on === 'order' && id === orderId && reason === 'dispute',
    );
  }

  #isStated(orderId: string): boolean {
    return [...this.reference.state.statements.values()].some(({ entries }) =>
      entries.some((entry) => entry.orderId === orderId),
    );
  }
}

function opened(shop: CastShop): ReferenceShop {
  const { shopId, transferMax } = shop;
  const reference = new ReferenceShop(shopId);
  reference.state.nowMs = beginningMs;
  reference.state.transferMax = transferMax;
  for (const version of versionsOf(shop)) reference.hearVersion(version);
  for (const payee of payeesOf(shop)) tell(reference, shop, payee, beginningMs);
  return reference;
}

function versionsOf({ shopId, plan, later }: CastShop): readonly ReferenceVersion[] {
  const first = { shopId, version: 1, effectiveFrom: shanghai(beginningMs), plan };
  if (later === undefined) return [first];
  const effectiveFrom = shanghai(midnightOf(later.fromDay));
  return [first, { shopId, version: 2, effectiveFrom, plan: later.plan }];
}

function tell(
  reference: ReferenceShop,
  { shopId }: CastShop,
  { payeeId, name, roles, teamId, identity }: CastPayee,
  nowMs: number,
): void {
  const alipay = { identityType: 'ALIPAY_LOGON_ID' as const, identity, name };
  const team = teamId === undefined ? {} : { teamId };
  reference.hearPayee({ shopId, payeeId, name, roles: [...roles], alipay, ...team }, nowMs);
}
