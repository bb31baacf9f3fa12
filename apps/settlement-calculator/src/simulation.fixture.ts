import type { SecondPersonLimits } from '@qingfen/approvals';
import type { EventData, Simulation } from '@qingfen/contracts';
import { ONE_PPM } from '@qingfen/money';
import { Books } from './books.fixture.js';
import { Desk, type PlanDocument } from './manual.fixture.js';
import { PlanShelf } from './plan-shelf.js';
import { Sales } from './sales.fixture.js';
import { SimulationController } from './simulation.controller.js';
import { SimulationService } from './simulation.service.js';

export const always = { from: '2025-01-01T00:00:00+08:00', to: '2027-01-01T00:00:00+08:00' };

export const noLimits: SecondPersonLimits = { payoutRatioMaxPpm: ONE_PPM, manualMaxMinor: null };

/** Shops whose drafts are tried on what they sold. */
export class TryingRoom {
  readonly desk: Desk;
  readonly sales: Sales;
  /** What payout says the shop's limits are. */
  limits = noLimits;

  private constructor(readonly books: Books) {
    this.desk = new Desk(books);
    this.sales = new Sales(this.desk);
  }

  static async open(at: string): Promise<TryingRoom> {
    return new TryingRoom(await Books.open(new Date(at)));
  }

  close(): Promise<void> {
    return this.books.close();
  }

  simulating(ordersMax = 1_000): SimulationController {
    const { books } = this;
    const env = { count: (name: string) => (name === 'QINGFEN_LEVELS_MAX' ? 3 : ordersMax) };
    const service = new SimulationService(books.database, books.clock, new PlanShelf(), env);
    const risk = { of: () => Promise.resolve(this.limits) };
    return new SimulationController(books.database, service, risk, env);
  }

  simulate(
    shopId: string,
    plan: PlanDocument,
    { span = always, query = {} }: { span?: typeof always; query?: object } = {},
  ): Promise<Simulation> {
    return this.simulating().simulate(shopId, query, { plan, ...span });
  }

  /** What the books owe of orders, as `kind payee amount`, whether stated or not. */
  async booked(shopId: string): Promise<string[]> {
    const rows = await this.books.database.query<{ row: string }>(
      `SELECT kind || ' ' || payee_id || ' ' || trim(to_char(sum(amount) / 100.0, '999999990.00')) AS row
         FROM (SELECT e.kind, e.payee_id, e.amount_minor + coalesce(
                        (SELECT sum(a.amount_minor) FROM entry_adjustment a
                          WHERE a.shop_id = e.shop_id AND a.entry_id = e.entry_id), 0) AS amount
                 FROM entry e WHERE e.shop_id = $1 AND e.payee_id IS NOT NULL) x
        GROUP BY kind, payee_id HAVING sum(amount) <> 0 ORDER BY 1`,
      [shopId],
    );
    return rows.map(({ row }) => row);
  }

  async night(): Promise<void> {
    this.sales.night();
    await this.books.runDue();
    this.sales.morning();
  }

  payee(
    shopId: string,
    payeeId: string,
    change: Partial<EventData['payee-upserted']>,
  ): Promise<void> {
    return this.books.told(
      [{ shopId, payeeId, name: payeeId, roles: ['distributor'], ...change }],
      'payee-upserted',
      (unit, events) => this.books.copies.keepPayees(unit, events),
    );
  }
}

/** Items as `kind payee owed now`. */
export function told({ items }: Simulation): string[] {
  return items.map(({ kind, payeeId, owed, owedNow }) => `${kind} ${payeeId} ${owed} ${owedNow}`);
}

export const levels = (...rates: string[]): object[] => rates.map((rate) => ({ rate }));
