import type { SandboxRequest } from '@qingfen/testing';

import { expectedByIdentity, movedByIdentity, referenceOf } from '../book-check.js';
import type { Stage } from '../stage.js';
import type { TestShop } from '../test-shop.js';
import type { Deeds } from './operator.js';

const transfer = 'alipay.fund.trans.uni.transfer';

/** How often one kind of fault has happened. */
export interface FaultAccount {
  readonly name: string;
  /** Calls that it hit, by the sandbox's count. */
  readonly hits: number;
}

/** What a sandbox fault, by its own name, did to payouts in the end. */
export interface FaultedPayouts {
  readonly fault: string;
  /** Numbers whose first or a later call it hit. */
  readonly numbers: number;
  /** Of them, by the state in which they ended. */
  readonly ended: Readonly<Record<string, number>>;
}

/** What a faulty month came to. */
export interface MonthOutcome {
  readonly payouts: number;
  readonly states: Readonly<Record<string, number>>;
  /** Payouts of which it was not known at some time whether money had moved. */
  readonly onceUnknown: number;
  readonly transfers: number;
  readonly paidMinor: string;
  readonly quietDays: number;
  readonly deeds: Deeds;
  readonly faults: readonly FaultAccount[];
  readonly faulted: readonly FaultedPayouts[];
  readonly seconds: number;
  /** Everything that is not as it must be. */
  readonly differences: readonly string[];
}

/** Judges a month by the sandbox's own book, and accounts for every fault. */
export async function accountFor(month: {
  readonly stage: Stage;
  readonly shop: TestShop;
  readonly hits: readonly FaultAccount[];
  readonly deeds: Deeds;
  readonly quietDays: number;
  readonly seconds: number;
}): Promise<MonthOutcome> {
  const { stage, shop, hits, deeds, quietDays, seconds } = month;
  const rows = await stage.query<{ outBizNo: string; state: string; wasUnknown: boolean }>(
    `SELECT p.out_biz_no AS "outBizNo", p.state,
            EXISTS (SELECT 1 FROM payout.payout_transition t WHERE t.shop_id = p.shop_id
              AND t.payout_id = p.payout_id AND t.to_state = 'unknown') AS "wasUnknown"
       FROM payout.payout p WHERE p.shop_id = $1`,
    [shop.shopId],
  );
  const requests = await stage.sandbox.requestsOf(shop.appId, transfer);
  const transfers = await shop.moved();
  const states = countBy(rows.map(({ state }) => state));
  const moved = movedByIdentity(transfers);
  const expected = expectedByIdentity(referenceOf([shop], await stage.gateway.now()), [shop]);
  const paidMinor = Object.values(moved).reduce((sum, each) => sum + each, 0n);
  return {
    payouts: rows.length,
    states,
    onceUnknown: rows.filter(({ wasUnknown }) => wasUnknown).length,
    transfers: transfers.length,
    paidMinor: String(paidMinor),
    quietDays,
    deeds,
    faults: hits,
    faulted: faultedBy(requests, new Map(rows.map(({ outBizNo, state }) => [outBizNo, state]))),
    seconds,
    differences: [
      ...sumDifferences(expected, moved),
      ...twiceExecuted(requests),
      ...openStates(states),
      ...hits.flatMap(({ name, hits: count }) => (count > 0 ? [] : [`"${name}" never happened`])),
    ],
  };
}

function sumDifferences(
  expected: Readonly<Record<string, bigint>>,
  moved: Readonly<Record<string, bigint>>,
): string[] {
  const identities = new Set([...Object.keys(expected), ...Object.keys(moved)]);
  return [...identities].flatMap((identity) => {
    const [owed, paid] = [expected[identity] ?? 0n, moved[identity] ?? 0n];
    return owed === paid ? [] : [`${identity} is owed ${owed} fen and was paid ${paid}`];
  });
}

/** Numbers under which more than one call moved money. */
function twiceExecuted(requests: readonly SandboxRequest[]): string[] {
  const executed = countBy(
    requests.flatMap(({ outBizNo, executed: isDone }) => (isDone && outBizNo ? [outBizNo] : [])),
  );
  return Object.entries(executed).flatMap(([outBizNo, count]) =>
    count > 1 ? [`${outBizNo} was executed ${count} times`] : [],
  );
}

const final = new Set(['succeeded', 'failed', 'returned', 'cancelled']);

function openStates(states: Readonly<Record<string, number>>): string[] {
  return Object.entries(states).flatMap(([state, count]) =>
    final.has(state) ? [] : [`${count} payouts are ${state}`],
  );
}

function faultedBy(
  requests: readonly SandboxRequest[],
  stateOf: ReadonlyMap<string, string>,
): FaultedPayouts[] {
  const numbers = new Map<string, Set<string>>();
  for (const { fault, outBizNo } of requests) {
    if (fault === null || outBizNo === null) continue;
    numbers.set(fault, (numbers.get(fault) ?? new Set()).add(outBizNo));
  }
  return [...numbers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fault, hit]) => ({
      fault,
      numbers: hit.size,
      ended: countBy([...hit].map((outBizNo) => stateOf.get(outBizNo) ?? 'no payout of ours')),
    }));
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
