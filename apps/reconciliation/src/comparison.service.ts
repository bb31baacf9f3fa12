import { Inject, Injectable } from '@nestjs/common';
import {
  compareLine,
  comparePayout,
  compareStatement,
  dayEnd,
  dayStart,
  type Comparison,
  type Finding,
  type Horizon,
} from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { ServiceEnv } from '@qingfen/hosting';
import type { ShopDay } from './bill.store.js';
import type { Noted } from './difference.service.js';
import { openSubjects, type OpenSubject } from './difference.store.js';
import { exportFindings } from './order-export-side.js';
import { OrderSide } from './order-side.js';
import { countStatements, statementsInDoubt } from './order-side.store.js';
import { countPayouts, factsOfNumbers, numbersInDoubt, strayLines } from './payout-side.store.js';
import { isAnythingTold } from './quiet-day.store.js';
import { TooMany } from './too-many.js';
import { TradeSide } from './trade-side.js';
import type { Clearing } from './trade-side.store.js';

/** A finding with the currency of its amount. */
export type PricedFinding = Finding & { readonly currency: string };

/** What all comparisons of a day came to. */
export interface Compared extends Noted {
  readonly counts: {
    readonly orders: number;
    readonly entries: number;
    readonly statements: bigint;
    readonly payouts: bigint;
  };
  readonly clearing: Clearing;
}

/** The bills are in yuan. */
const billCurrency = 'CNY';
const factsAtOnce = 5_000;

/**
 * The five comparisons of a day; each looks at what is still open from other days too. What is open with
 * exports of the order system is looked at as well: a message may have mended it.
 */
@Injectable()
export class ComparisonService {
  private readonly differencesMax: number;
  private readonly crossingMs: number;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Database) private readonly database: Database,
    @Inject(OrderSide) private readonly orders: Pick<OrderSide, 'compare'>,
    @Inject(TradeSide) private readonly trades: Pick<TradeSide, 'compare' | 'oldestUntold'>,
  ) {
    this.differencesMax = env.count('DIFFERENCES_MAX', 100_000);
    this.crossingMs = env.count('BILL_CROSSING_MINUTES', 30) * 60_000;
  }

  /**
   * @param lastDay the last day of which a bill was read: an older day is compared with all that is known
   * @throws TooMany
   */
  async compare(of: ShopDay, lastDay: string): Promise<Compared> {
    const open = (await openSubjects(this.database, of.shopId)).filter((one) => {
      return !waitsForBill(one, lastDay);
    });
    const subjects = (comparison: Comparison): string[] =>
      open.filter((one) => one.comparison === comparison).map(({ subjectId }) => subjectId);
    const span = { ...of, start: dayStart(of.day), end: dayEnd(of.day) };
    const orders = await this.orders.compare(of, subjects('orders'), this.differencesMax);
    const trades = await this.trades.compare(of, lastDay, subjects('trades'));
    const statements = await this.statements(of, subjects('statements'));
    const payouts = await this.payouts(of, subjects('payouts'), lastDay);
    const lines = await this.lines(of, subjects('lines'));
    const exports = await exportFindings(this.database, of.shopId, subjects('exports'));
    return {
      findings: [
        ...orders.findings,
        ...trades.findings,
        ...statements,
        ...payouts,
        ...lines,
        ...exports,
      ],
      lookedAt: open.map(({ key }) => key),
      seenIn: 'bill',
      counts: {
        orders: orders.orders,
        entries: orders.entries,
        statements: await countStatements(this.database, of),
        payouts: await countPayouts(this.database, span),
      },
      clearing: trades.clearing,
    };
  }

  /** Whether there is anything to compare on a day, besides what is on its bill. */
  isAnythingToCompare(of: ShopDay): Promise<boolean> {
    const span = { ...of, start: dayStart(of.day), end: dayEnd(of.day) };
    const paidOn = this.trades.oldestUntold(of.day);
    return isAnythingTold(this.database, { ...span, paidOn });
  }

  private async statements(of: ShopDay, statementIds: string[]): Promise<PricedFinding[]> {
    const limit = this.differencesMax + 1;
    const facts = await statementsInDoubt(this.database, of, { statementIds, limit });
    this.refuseTooMany('statements', facts.length);
    return facts.flatMap((one) => priced(compareStatement(one), one.currency));
  }

  private async payouts(of: ShopDay, open: string[], lastDay: string): Promise<PricedFinding[]> {
    const span = { ...of, start: dayStart(of.day), end: dayEnd(of.day) };
    const doubtful = await numbersInDoubt(this.database, span, this.differencesMax + 1);
    this.refuseTooMany('payouts', doubtful.length);
    const numbers = [...new Set([...doubtful, ...open])];
    const horizon: Horizon = { until: dayEnd(lastDay), crossingMs: this.crossingMs };
    const findings: PricedFinding[] = [];
    for (let at = 0; at < numbers.length; at += factsAtOnce) {
      const some = numbers.slice(at, at + factsAtOnce);
      const facts = await factsOfNumbers(this.database, {
        shopId: of.shopId,
        numbers: some,
        lastDay,
      });
      findings.push(...facts.flatMap((one) => priced(comparePayout(one, horizon), billCurrency)));
    }
    return findings;
  }

  private async lines(of: ShopDay, logNos: string[]): Promise<PricedFinding[]> {
    const limit = this.differencesMax + 1;
    const lines = await strayLines(this.database, of, { logNos, limit });
    this.refuseTooMany('lines', lines.length);
    return lines.flatMap((line) => priced(compareLine(line), billCurrency));
  }

  private refuseTooMany(what: string, count: number): void {
    if (count > this.differencesMax) throw new TooMany(what, this.differencesMax);
  }
}

/** Seen in the account's log on a day whose bill is still to come: that one decides. */
function waitsForBill({ comparison, day }: OpenSubject, lastDay: string): boolean {
  return (comparison === 'lines' || comparison === 'payouts') && day > lastDay;
}

function priced(finding: Finding | null, currency: string): PricedFinding[] {
  return finding === null ? [] : [{ ...finding, currency }];
}
