import { pageOf, type Statement, statementSchema } from '@qingfen/contracts';
import { dayOf, fenOf, UnexpectedAnswer, yuanOf } from '@qingfen/testing';

import { appOf } from './passage.js';
import type { Kind } from './reference/terms.js';
import type { ExpectedStatement, ReferenceWorld } from './reference/world.js';
import { compareReplays } from './replays.js';
import type { RunningSystem } from './running-system.js';
import { halfYearShops } from './terms.js';
import { type Transfer, transfersSince } from './transfers.js';

/** What was compared, and each difference in words. */
export interface Verdict {
  readonly differences: readonly string[];
  readonly figures: Figures;
}

/** How much agreed or did not. Amounts in yuan. */
export interface Figures {
  readonly orders: number;
  readonly refundsWaiting: number;
  readonly statements: Readonly<Record<Kind, number>>;
  readonly paid: Readonly<Record<Kind, string>>;
  readonly transfers: number;
  readonly statementsInParts: number;
  readonly payees: number;
}

const ordersAtOnce = 8;
const statementsAtOnce = 50;
const statementPage = pageOf(statementSchema);

/** Compares what the system has done with what the reference says, to the fen and to the day. */
export async function judge(system: RunningSystem, world: ReferenceWorld): Promise<Verdict> {
  await system.login();
  const transfers = await transfersSince(system.sandboxUrl, '2010-01-01T00:00:00+08:00');
  const differences = [
    ...compareTransfers(world.statements, transfers),
    ...(await compareStatements(system, world)),
    ...(await compareLedgers(system, world)),
    ...(await compareOrders(system, world)),
    ...(await compareAlerts(system, world)),
    ...(await compareReplays(system, world)),
  ];
  return { differences, figures: figuresOf(world, transfers.length) };
}

/** The sandbox's own book: every number, its account, its amount and its day. */
export function compareTransfers(
  statements: readonly ExpectedStatement[],
  transfers: readonly Transfer[],
): readonly string[] {
  const differences: string[] = [];
  const byNumber = new Map(transfers.map((transfer) => [transfer.outBizNo, transfer]));
  for (const { shopId, kind, payeeId, identity, period, parts, executedMs } of statements) {
    for (const { part, fen, outBizNo } of parts) {
      const name = `${shopId} ${kind} ${payeeId} ${period} part ${part}`;
      const expected = {
        appId: appOf(shopId),
        identity,
        amount: yuanOf(fen),
        status: 'SUCCESS',
        day: dayOf(executedMs),
      };
      const found = byNumber.get(outBizNo);
      byNumber.delete(outBizNo);
      if (found === undefined) {
        differences.push(`${name}: ${expected.amount} was never paid`);
        continue;
      }
      const { appId, amount, status, at } = found;
      const seen = { appId, identity: found.identity, amount, status, day: dayOf(Date.parse(at)) };
      const [wanted, got] = [JSON.stringify(expected), JSON.stringify(seen)];
      if (wanted !== got) differences.push(`${name}: ${wanted} expected, ${got} in the book`);
    }
  }
  for (const { outBizNo, identity, amount, at } of byNumber.values()) {
    differences.push(`${outBizNo}: ${amount} to ${identity} at ${at}, which nobody is owed`);
  }
  return differences;
}

async function compareStatements(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const { shopId } of halfYearShops) {
    const found = await statementsOf(system, shopId);
    const byId = new Map(found.map((statement) => [statement.statementId, statement]));
    for (const expected of world.statements.filter((each) => each.shopId === shopId)) {
      const { statementId, kind, payeeId, period, netFen } = expected;
      const seen = byId.get(statementId);
      byId.delete(statementId);
      const wanted = [kind, payeeId, period, yuanOf(netFen), 'paid'].join(' ');
      const got =
        seen === undefined
          ? 'no statement'
          : [seen.kind, seen.payeeId, seen.period, seen.net, seen.state].join(' ');
      if (wanted !== got) differences.push(`${shopId} ${statementId}: ${wanted} but ${got}`);
    }
    for (const { statementId, net } of byId.values()) {
      differences.push(`${shopId} ${statementId}: a statement of ${net} that nobody is owed`);
    }
  }
  return differences;
}

/** All statements by small pages: each carries all of its entries. */
async function statementsOf(system: RunningSystem, shopId: string): Promise<readonly Statement[]> {
  const statements: Statement[] = [];
  let cursor: string | null = null;
  do {
    const joint: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/shops/${shopId}/statements?limit=${statementsAtOnce}${joint}`;
    const answer = await system.gateway.call('GET', path);
    if (answer.status !== 200) throw new UnexpectedAnswer(`GET ${path}`, answer, [200]);
    const page = statementPage.parse(answer.body);
    statements.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return statements;
}

async function compareLedgers(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const { shopId } of halfYearShops) {
    const { balanced, currencies } = await system.gateway.trialBalance(shopId);
    if (!balanced) differences.push(`${shopId}: the trial balance is not zero`);
    const expected = new Map(world.shop(shopId).accounts());
    const accounts = currencies.flatMap((each) => each.accounts);
    for (const { account, balance } of accounts) {
      const wanted = expected.get(account) ?? 0n;
      expected.delete(account);
      if (fenOf(balance) !== wanted) {
        differences.push(`${shopId} ${account}: ${balance}, not ${yuanOf(wanted)}`);
      }
    }
    for (const [account, fen] of expected) {
      differences.push(`${shopId} ${account}: no such account, not ${yuanOf(fen)}`);
    }
  }
  return differences;
}

/** No order is lost: each is there and has what is left of each of its lines. */
async function compareOrders(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  const wanted = halfYearShops.flatMap(({ shopId }) => {
    const { orders } = world.shop(shopId);
    const ids = new Set(orders.lines.map(({ order }) => order.orderId));
    return [...ids].map((orderId) => ({ shopId, orderId, lines: orders.linesOf(orderId) }));
  });
  const work = wanted.values();
  const ask = async (): Promise<void> => {
    for (const { shopId, orderId, lines } of work) {
      const order = await system.gateway.order(shopId, orderId).catch(() => undefined);
      const seen = order?.items.map(({ itemId, base }) => `${itemId} ${base}`).join(', ');
      const due = lines.map(({ item, baseFen }) => `${item.itemId} ${yuanOf(baseFen)}`).join(', ');
      if (seen !== due) differences.push(`${shopId} ${orderId}: ${seen ?? 'no order'}, not ${due}`);
    }
  };
  await Promise.all(Array.from({ length: ordersAtOnce }, ask));
  return differences;
}

/** Refunds whose order never came wait, and somebody is told. */
async function compareAlerts(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const { shopId } of halfYearShops) {
    const alerts = await system.gateway.alerts(shopId, '?state=raised');
    const told = alerts.filter((alert) => alert.class === 'refund-without-order');
    const raised = new Set(told.map(({ subject }) => subject.id));
    const waiting = world.shop(shopId).orders.waiting();
    for (const orderId of new Set(waiting.map((refund) => refund.orderId))) {
      if (raised.delete(orderId)) continue;
      differences.push(`${shopId} ${orderId}: nobody was told that a refund waits for it`);
    }
    for (const orderId of raised) {
      differences.push(`${shopId} ${orderId}: still said to be missing, and it came`);
    }
  }
  return differences;
}

function figuresOf(world: ReferenceWorld, transfers: number): Figures {
  const counts = { commission: 0, supplier: 0, 'team-reward': 0 };
  const sums = { commission: 0n, supplier: 0n, 'team-reward': 0n };
  for (const { kind, netFen } of world.statements) {
    counts[kind] += 1;
    sums[kind] += netFen;
  }
  const shops = halfYearShops.map(({ shopId }) => world.shop(shopId));
  return {
    orders: shops.reduce((sum, { orders }) => sum + orders.count, 0),
    refundsWaiting: shops.reduce((sum, { orders }) => sum + orders.waiting().length, 0),
    statements: counts,
    paid: {
      commission: yuanOf(sums.commission),
      supplier: yuanOf(sums.supplier),
      'team-reward': yuanOf(sums['team-reward']),
    },
    transfers,
    statementsInParts: world.statements.filter(({ parts }) => parts.length > 1).length,
    payees: new Set(world.statements.map(({ shopId, payeeId }) => `${shopId} ${payeeId}`)).size,
  };
}
