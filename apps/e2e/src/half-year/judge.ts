import { pageOf, type Statement, statementSchema } from '@qingfen/contracts';
import { accountsOf, dayOf, fenOf, UnexpectedAnswer, withBrought, yuanOf } from '@qingfen/testing';

import { compareDays, type DaysSeen } from './compare-days.js';
import { compareOrders } from './compare-orders.js';
import { type Figures, figuresOf } from './figures.js';
import { appOf, merchantBalance } from './owners.js';
import { compareReplays } from './replays.js';
import type { RunningSystem } from './running-system.js';
import { type Transfer, transfersSince } from './transfers.js';
import { type ExpectedStatement, type ReferenceWorld, statedText } from './world.js';

/** What was compared, and each difference in words. */
export interface Verdict {
  readonly differences: readonly string[];
  readonly figures: Readonly<Record<string, Figures>>;
  /** What the sandbox's own book holds. */
  readonly transfers: number;
  /** Orders that were looked at one by one. */
  readonly ordersSeen: number;
  /** Entries of theirs whose amount was computed again. */
  readonly entriesReckoned: number;
  /** Of a story whose buyers paid at Alipay. */
  readonly reconciled: Pick<DaysSeen, 'days' | 'ordersCleared'> | null;
}

const statementsAtOnce = 50;
const statementPage = pageOf(statementSchema);

/**
 * Compares what the system has done with what the reference says, to the fen and to the day.
 *
 * @param ordersEvery how many orders there are to one that is looked at by itself
 */
export async function judge(
  system: RunningSystem,
  world: ReferenceWorld,
  ordersEvery: number,
): Promise<Verdict> {
  await system.login();
  const transfers = await transfersSince(system.sandboxUrl, '2010-01-01T00:00:00+08:00');
  const statements = await compareStatements(system, world);
  const orders = await compareOrders(system, world, ordersEvery);
  const days = world.buyerActs.length === 0 ? null : await compareDays(system, world);
  const differences = [
    ...compareTransfers(world.statements, transfers),
    ...statements,
    ...(await compareLedgers(system, world)),
    ...orders.differences,
    ...(days?.differences ?? []),
    ...(await compareAlerts(system, world)),
    ...(await compareReplays(system, world)),
  ];
  return {
    differences,
    figures: Object.fromEntries(world.shopIds.map((shopId) => [shopId, figuresOf(world, shopId)])),
    transfers: transfers.length,
    ordersSeen: orders.orders,
    entriesReckoned: orders.reckoned,
    reconciled: days && { days: days.days, ordersCleared: days.ordersCleared },
  };
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
  for (const shopId of world.shopIds) {
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
      const entries = (seen?.entries ?? []).map(statedText).sort().join(', ');
      const due = expected.entries.join(', ');
      if (entries !== due) differences.push(`${shopId} ${statementId}: ${entries}, not ${due}`);
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
  for (const shopId of world.shopIds) {
    const { balanced, currencies } = await system.gateway.trialBalance(shopId);
    if (!balanced) differences.push(`${shopId}: the trial balance is not zero`);
    const brought = withBrought(accountsOf(world.shop(shopId).state), fenOf(merchantBalance));
    const told = withBuyers(brought, world.billedFen(shopId));
    const expected = new Map([...told].filter(([, fen]) => fen !== 0n));
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

/** Once bills have told what buyers paid: of orders that were told it is what they expect. */
function withBuyers(
  accounts: ReadonlyMap<string, bigint>,
  billedFen: bigint,
): ReadonlyMap<string, bigint> {
  const cash = (accounts.get('alipay-cash') ?? 0n) + billedFen;
  const clearing = (accounts.get('clearing') ?? 0n) - billedFen;
  return new Map([...accounts, ['alipay-cash', cash], ['clearing', clearing]]);
}

/** Refunds whose order never came wait, and somebody is told. */
async function compareAlerts(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const shopId of world.shopIds) {
    const alerts = await system.gateway.alerts(shopId, '?state=raised');
    const told = alerts.filter((alert) => alert.class === 'refund-without-order');
    const raised = new Set(told.map(({ subject }) => subject.id));
    for (const orderId of world.missingOrders(shopId)) {
      if (raised.delete(orderId)) continue;
      differences.push(`${shopId} ${orderId}: nobody was told that a refund waits for it`);
    }
    for (const orderId of raised) {
      differences.push(`${shopId} ${orderId}: still said to be missing, and it came`);
    }
  }
  return differences;
}
