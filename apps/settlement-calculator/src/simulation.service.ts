import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { Plan } from '@qingfen/core-plan';
import {
  SimulationSheet,
  simulationWarnings,
  TeamSimulation,
  type OrderFact,
  type RefundedSoFar,
  type SimulatedItem,
  type TeamStanding,
} from '@qingfen/core-settlement';
import { Database, type Tx } from '@qingfen/database';
import { ServiceEnv } from '@qingfen/hosting';
import { orderOfRow } from './order-fact.js';
import { PlanShelf } from './plan-shelf.js';
import { refundedSoFar, refundsOf, type RefundRow } from './refund.store.js';
import { SimulationFacts, type SimulatedShop } from './simulation-facts.js';
import {
  bookedFor,
  countedPeriods,
  countOrders,
  ordersPaidIn,
  readOneInstant,
  type OrderSpan,
  type SpanOrderRow,
} from './simulation.store.js';
import { shopOf } from './shop.store.js';
import { leadersOf } from './team.store.js';

/** What is simulated: a draft that may be published, on orders by when they were paid. */
export interface Simulated extends OrderSpan {
  readonly plan: Plan;
}

/** What a draft would change; nothing was booked. */
export interface SimulationResult {
  readonly kind: 'done';
  readonly orders: number;
  /** The greatest change first. */
  readonly items: readonly SimulatedItem[];
  readonly warnings: ReturnType<typeof simulationWarnings>;
}

export type SimulationOutcome =
  | SimulationResult
  | { readonly kind: 'too-many-orders'; readonly ordersMax: number }
  | { readonly kind: 'no-shop' }
  /** So many are under way here already. */
  | { readonly kind: 'busy' };

const pageSize = 1_000;
/** Each holds a connection and a share of the processor for seconds. */
const atOnceMax = 2;

/**
 * Tries a draft on past orders (R-RUL-7): what it owes of them as they stand, beside what the books owe.
 * Reads one instant of the database, holds sums by payee in memory, and writes nothing.
 */
@Injectable()
export class SimulationService {
  private readonly ordersMax: number;
  private underWay = 0;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
  ) {
    this.ordersMax = env.count('QINGFEN_SIMULATION_ORDERS_MAX', 200_000);
  }

  async simulate(what: Simulated): Promise<SimulationOutcome> {
    if (this.underWay >= atOnceMax) return { kind: 'busy' };
    this.underWay += 1;
    try {
      return await this.database.transaction(async (tx) => {
        await readOneInstant(tx);
        return this.run(tx, what);
      });
    } finally {
      this.underWay -= 1;
    }
  }

  private async run(tx: Tx, what: Simulated): Promise<SimulationOutcome> {
    const { shopId, plan } = what;
    const shop = await shopOf(tx, shopId);
    if (shop === undefined) return { kind: 'no-shop' };
    const { ordersMax } = this;
    if ((await countOrders(tx, what, ordersMax)) > ordersMax) {
      return { kind: 'too-many-orders', ordersMax };
    }
    const { timezone } = shop;
    const versions = (await this.plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
    const sheet = new SimulationSheet(plan);
    const teams = new TeamSimulation(plan, { timezone, now: this.clock.now() });
    const counts = await addOrders(tx, what, {
      sheet,
      teams,
      shop: { shopId, timezone, versions },
    });
    const span = { ...what, currency: plan.currency };
    for (const row of await bookedFor(tx, span)) {
      sheet.addNow(row.kind, row.payee_id, row.amount_minor);
    }
    await addRewards(tx, span, { sheet, teams });
    const items = sheet.items();
    const findings = { ...sheet.notes, ...counts, waitingTeamOrders: teams.waitingOrders };
    return {
      kind: 'done',
      orders: findings.orders,
      items,
      warnings: simulationWarnings(plan, items, findings),
    };
  }
}

interface Sheets {
  readonly sheet: SimulationSheet;
  readonly teams: TeamSimulation;
}

async function addOrders(
  tx: Tx,
  what: Simulated,
  { sheet, teams, shop }: Sheets & { readonly shop: SimulatedShop },
): Promise<{ readonly unboundOrders: number; readonly otherCurrencyOrders: number }> {
  const facts = new SimulationFacts(tx, shop, what.plan);
  await facts.prepare(what);
  let [unboundOrders, otherCurrencyOrders] = [0, 0];
  for await (const rows of ordersPaidIn(tx, what, pageSize)) {
    const own = rows.filter(({ currency }) => currency === what.plan.currency);
    otherCurrencyOrders += rows.length - own.length;
    unboundOrders += own.filter(({ plan_version: version }) => version === null).length;
    const orders = await facts.withFacts(own.map(orderOfRow));
    const refundedOf = await refundsByOrder(tx, orders);
    for (const [index, order] of orders.entries()) {
      const refunded = refundedOf(order.orderId);
      sheet.addOrder(order, refunded);
      const row = own[index];
      if (row !== undefined) teams.add(order, refunded, standingOf(row));
    }
  }
  return { unboundOrders, otherCurrencyOrders };
}

/** What was refunded of these orders; nothing of those that had none. */
async function refundsByOrder(
  tx: Tx,
  orders: readonly OrderFact[],
): Promise<(orderId: string) => RefundedSoFar> {
  const byOrder = new Map<string, RefundRow[]>();
  for (const row of await refundsOf(tx, orders)) {
    const known = byOrder.get(row.order_id);
    if (known === undefined) byOrder.set(row.order_id, [row]);
    else known.push(row);
  }
  const nothing: RefundedSoFar = new Map();
  return (orderId) => {
    const rows = byOrder.get(orderId);
    return rows === undefined ? nothing : refundedSoFar(rows);
  };
}

function standingOf(row: SpanOrderRow): TeamStanding {
  if (!row.counts_for_team) return { kind: 'not-counting' };
  const { counted_in: period, counted_minor: countedMinor } = row;
  if (period === null) return { kind: 'waiting' };
  return { kind: 'counted', period, countedMinor: countedMinor ?? 0n };
}

/** To the team's leader as it is now; a team without one, or with two, is named itself. */
async function addRewards(
  tx: Tx,
  shop: { readonly shopId: string; readonly currency: string },
  { sheet, teams }: Sheets,
): Promise<void> {
  if (teams.periods.length === 0) return;
  const rewards = teams.rewards(await countedPeriods(tx, shop, teams.periods));
  const teamIds = rewards.map(({ teamId }) => teamId);
  const leaders = await leadersOf(tx, shop.shopId, teamIds);
  for (const { teamId, owedMinor, owedNowMinor } of rewards) {
    const [leader, second] = leaders.get(teamId) ?? [];
    const payeeId = leader === undefined || second !== undefined ? `team:${teamId}` : leader;
    sheet.addReward(payeeId, owedMinor);
    sheet.addNow('team-reward', payeeId, owedNowMinor);
  }
}
