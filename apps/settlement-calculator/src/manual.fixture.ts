import type { EventData, Kind } from '@qingfen/contracts';
import type { Units } from '@qingfen/messaging';
import { parseAmount } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { AdjustmentService } from './adjustment.service.js';
import { ApprovalService } from './approval.service.js';
import { BindingService } from './binding.service.js';
import type { Books } from './books.fixture.js';
import { ManualHoldService } from './manual-hold.service.js';
import { ManualLimit } from './manual-limit.js';
import { MoveService } from './move.service.js';
import { OpeningService } from './opening.service.js';
import { PlanShelf } from './plan-shelf.js';
import { RecoveryService } from './recovery.service.js';
import { RestateService } from './restate.service.js';

type Work<T> = Parameters<Units['run']>[0] extends (unit: infer U) => unknown
  ? (unit: U) => Promise<T>
  : never;

/** A user of these specs, as the guard would have let it in. */
export function user(subject: string): Caller {
  return { issuer: 'gateway', subject, roles: [], requestId: `request-of-${subject}` };
}

export const maker = user('mia');
export const approver = user('ann');

/** A plan as it is published. */
export type PlanDocument = EventData['settlement-plan-published']['plan'];

const usualPlan: PlanDocument = {
  returnWindowDays: 7,
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }] },
  supplier: {},
};

/** The rooms in which people act by hand, over the same books. */
export class Desk {
  private shops = 0;
  readonly limit: ManualLimit;
  readonly adjustments: AdjustmentService;
  readonly moves: MoveService;
  readonly recoveries: RecoveryService;
  readonly openings: OpeningService;
  readonly approvals: ApprovalService;
  readonly holds = new ManualHoldService();
  readonly bindings: BindingService;
  readonly restatements: RestateService;

  /** `manualMax`: what one person may book alone; empty is no limit. */
  constructor(
    readonly books: Books,
    manualMax = '',
  ) {
    this.limit = new ManualLimit(manualMax === '' ? null : parseAmount(manualMax, 'CNY'));
    const plans = new PlanShelf();
    this.adjustments = new AdjustmentService(plans, books.book);
    this.moves = new MoveService(plans, books.book);
    this.recoveries = new RecoveryService(plans, books.book);
    this.openings = new OpeningService(plans);
    this.approvals = new ApprovalService(this.recoveries, books.rollouts, books.book);
    this.bindings = new BindingService(plans, books.accrual, books.corrections, books.book);
    this.restatements = new RestateService(books.runs, plans, books.rollouts);
  }

  run<T>(work: Work<T>): Promise<T> {
    return this.books.units.run(work);
  }

  /** A shop with a plan (unless none is wanted) and the payees d-1 and s-1. */
  async newShop(name: string, options: { readonly withPlan?: boolean } = {}): Promise<string> {
    this.shops += 1;
    const shopId = `${name}-${this.shops}`;
    await this.tellShop(shopId);
    if (options.withPlan !== false) await this.publish(shopId, '2026-01-01T00:00:00+08:00');
    await this.payees(shopId, ['d-1', 's-1']);
    return shopId;
  }

  /** What rules says of a shop now. */
  tellShop(shopId: string, change: Partial<EventData['shop-upserted']> = {}): Promise<void> {
    const usual = { noticePeriodDays: 0, transferMax: '50000.00', timezone: 'Asia/Shanghai' };
    const updatedAt = this.books.clock.now().toISOString();
    return this.books.told(
      [{ shopId, name: shopId, ...usual, updatedAt, ...change }],
      'shop-upserted',
      (unit, events) => this.books.copies.keepShops(unit, events),
    );
  }

  publish(
    shopId: string,
    at: string,
    { version = 1, plan = usualPlan }: { version?: number; plan?: PlanDocument } = {},
  ): Promise<void> {
    const hash = `h${version}`;
    return this.books.told(
      [{ shopId, version, plan, hash, publishedAt: at, effectiveFrom: at }],
      'settlement-plan-published',
      (unit, events) => this.books.copies.keepPlans(unit, events),
    );
  }

  /** Payees with an account each; another `mailbox` makes it another account. */
  payees(
    shopId: string,
    payeeIds: readonly string[],
    mailbox = 'x',
    accountType?: string,
  ): Promise<void> {
    return this.books.told(
      payeeIds.map((payeeId): EventData['payee-upserted'] => ({
        shopId,
        payeeId,
        name: payeeId,
        roles: ['distributor'],
        alipay: {
          identityType: 'ALIPAY_LOGON_ID',
          identity: `${payeeId}@${mailbox}.test`,
          name: payeeId,
          ...(accountType === undefined ? {} : { accountType }),
        },
      })),
      'payee-upserted',
      (unit, events) => this.books.copies.keepPayees(unit, events),
    );
  }

  /** Order o-1 of 100.00, of which d-1 has 27.00 and s-1 has 63.00; its window closes on the 9th. */
  async completed(shopId: string): Promise<void> {
    await this.books.completed([
      {
        shopId,
        orderId: 'o-1',
        currency: 'CNY',
        paidAt: '2026-01-01T10:00:00+08:00',
        completedAt: '2026-01-02T10:00:00+08:00',
        items: [{ itemId: '1', supplierId: 's-1', amount: '100.00' }],
        distributors: ['d-1'],
      },
    ]);
  }

  windowClosed(shopId: string): Promise<void> {
    return this.books.told(
      [
        {
          shopId,
          orderId: 'o-1',
          completedAt: '2026-01-02T10:00:00+08:00',
          closedAt: '2026-01-09T10:00:00+08:00',
        },
      ],
      'return-window-closed',
      (unit, events) => this.books.copies.keepEvidence(unit, events),
    );
  }

  refund(shopId: string, amount: string, refundedAt: string): Promise<void> {
    const items = [{ itemId: '1', amount }];
    return this.books.heard('order-refunded', [
      { shopId, orderId: 'o-1', refundId: `r-${Date.parse(refundedAt)}`, refundedAt, items },
    ]);
  }

  /** Tells what became of the payee's only payout that has not ended. */
  async ended(
    shopId: string,
    payeeId: string,
    change: Partial<EventData['payout-result']>,
  ): Promise<string> {
    const result = await this.resultFor(shopId, payeeId, change);
    await this.tell(result);
    return result.payoutId;
  }

  tell(result: EventData['payout-result']): Promise<void> {
    return this.books.told([result], 'payout-result', (unit, events) =>
      this.books.results.note(unit, events),
    );
  }

  /** The end, cancelled unless `change` says otherwise, of the payee's only payout under way. */
  async resultFor(
    shopId: string,
    payeeId: string,
    change: Partial<EventData['payout-result']> = {},
  ): Promise<EventData['payout-result']> {
    const [payout] = await this.books.database.query<{
      payout_id: string;
      statement_id: string;
      kind: Kind;
      amount: bigint;
    }>(
      `SELECT payout_id, statement_id, kind, amount_minor AS amount FROM payout
        WHERE shop_id = $1 AND payee_id = $2 AND status IS NULL`,
      [shopId, payeeId],
    );
    if (payout === undefined) throw new Error('no payout is under way');
    return {
      shopId,
      payoutId: payout.payout_id,
      statementId: payout.statement_id,
      payeeId,
      kind: payout.kind,
      status: 'cancelled',
      seq: 3,
      amount: `${payout.amount / 100n}.${(payout.amount % 100n).toString().padStart(2, '0')}`,
      currency: 'CNY',
      at: this.books.clock.now().toISOString(),
      ...change,
    };
  }

  /** Moves the clock to an instant of January 2026 and executes what is due. */
  async until(instant: string): Promise<void> {
    this.books.clock.take(new Date(instant));
    await this.books.runDue();
  }

  /** Statements as `kind payee net`, oldest first. */
  async stated(shopId: string): Promise<string[]> {
    const rows = await this.books.database.query<{ row: string }>(
      `SELECT kind || ' ' || payee_id || ' ' || net_minor AS row FROM statement
        WHERE shop_id = $1 ORDER BY issued_at, kind, payee_id`,
      [shopId],
    );
    return rows.map(({ row }) => row);
  }

  /** Every account that is not zero; all of them add up to nothing. */
  async ledger(shopId: string): Promise<Record<string, string>> {
    const rows = await this.books.database.query<{ account: string; sum: bigint }>(
      `SELECT account, sum(amount_minor)::bigint AS sum FROM posting
        WHERE shop_id = $1 GROUP BY 1 HAVING sum(amount_minor) <> 0 ORDER BY 1`,
      [shopId],
    );
    return Object.fromEntries(rows.map(({ account, sum }) => [account, sum.toString()]));
  }

  /** What is on no statement, as `kind payee amount`. */
  async open(shopId: string): Promise<string[]> {
    const rows = await this.books.database.query<{ row: string }>(
      `SELECT kind || ' ' || payee_id || ' ' || amount_minor AS row FROM open_entry
        WHERE shop_id = $1 ORDER BY 1`,
      [shopId],
    );
    return rows.map(({ row }) => row);
  }

  /** Who did what and why, oldest first. */
  async audited(shopId: string): Promise<string[]> {
    const rows = await this.books.database.query<{ row: string }>(
      `SELECT actor || ' ' || action || ': ' || reason AS row FROM audit
        WHERE shop_id = $1 ORDER BY audit_id`,
      [shopId],
    );
    return rows.map(({ row }) => row);
  }

  /** What must always hold: accounts add up, and payables are what is unstated. */
  async invariants(shopId: string): Promise<{ sum: bigint; strays: string[] }> {
    const ledger = await this.ledger(shopId);
    const sum = Object.values(ledger).reduce((all, one) => all + BigInt(one), 0n);
    const owed = await this.books.database.query<{ account: string; sum: bigint }>(
      `SELECT 'payable:' || kind || ':' || replace(payee_id, '#', 'team:') AS account,
              sum(amount_minor)::bigint AS sum
         FROM open_entry WHERE shop_id = $1 GROUP BY 1 HAVING sum(amount_minor) <> 0`,
      [shopId],
    );
    const unstated = new Map(owed.map((row) => [row.account, row.sum]));
    const payables = Object.keys(ledger).filter((account) => /^payable:.+:/.test(account));
    const strays = [...new Set([...payables, ...unstated.keys()])].filter(
      (account) => BigInt(ledger[account] ?? '0') !== -(unstated.get(account) ?? 0n),
    );
    return { sum, strays };
  }
}

/** An invariant's answer when all is well. */
export const sound = { sum: 0n, strays: [] };

/** What became of a request: `not refused`, or its refusal as `status code pointers`. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && 'problem' in error) {
      const { status, code, errors } = error.problem as {
        status: number;
        code: string;
        errors: { pointer: string }[];
      };
      return [status, code, ...errors.map(({ pointer }) => pointer)].join(' ');
    }
    throw error;
  }
  return 'not refused';
}
