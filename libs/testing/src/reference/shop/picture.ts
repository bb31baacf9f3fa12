import type { ReferenceKind } from '../plan-in-force.js';
import { entryText, teamOfOwner, type ReferenceEntry } from './entry.js';
import { isHeld, isPayeeHeld } from './holds.js';
import { hasDoneTasks } from './payees.js';
import { sumOf } from './runs.js';
import type { ReferenceStatement, ShopState } from './state.js';

/** A shop as it stands, in lines that can be compared; each list is sorted. */
export interface ShopPicture {
  /** Entries on no statement. */
  readonly unstated: readonly string[];
  /** `kind period payee net`, and each entry as it was stated. */
  readonly statements: readonly string[];
  readonly payouts: readonly string[];
  readonly runs: readonly string[];
  /** Which version binds each order, and what is left of its lines. */
  readonly orders: readonly string[];
  readonly refunds: readonly string[];
  readonly holds: readonly string[];
  /** Every account that is not zero, debit less credit. */
  readonly ledger: readonly string[];
  readonly teams: readonly string[];
  readonly debts: readonly string[];
}

/** What a payee has and is owed of one kind, in fen. */
export interface ReferenceBalance {
  readonly owedBack: bigint;
  readonly inPayout: bigint;
  readonly paid: bigint;
  /** Null where negative entries are among them: how they share is not the law's business. */
  readonly parts: {
    readonly accrued: bigint;
    readonly matured: bigint;
    readonly held: bigint;
  } | null;
  /** accrued + matured + held */
  readonly waiting: bigint;
}

export function pictureOf(shop: ShopState): ShopPicture {
  return {
    unstated: sorted([...shop.open].filter(({ fen }) => fen !== 0n).map(entryText)),
    statements: sorted([...shop.statements.values()].map(statementText)),
    payouts: sorted(
      [...shop.payouts.values()].map(({ payoutId, part, payeeId, kind, fen, status }) =>
        [payoutId, part, payeeId, kind, fen, status ?? 'under way'].join(' '),
      ),
    ),
    runs: sorted(shop.runs),
    orders: sorted(
      [...shop.orders.values()].map(({ data, version, lines }) => {
        const left = lines.map(({ item, amountFen, subsidyFen }) => {
          return `${item.itemId}=${amountFen}+${subsidyFen}`;
        });
        return `${data.orderId} v${version?.version ?? '-'} ${left.sort().join(' ')}`;
      }),
    ),
    refunds: sorted([...shop.refunds].map(([key, { state }]) => `${key} ${state}`)),
    holds: sorted([...shop.holds].map(({ on, id, reason }) => `${on} ${id} ${reason}`)),
    ledger: sorted(
      [...accountsOf(shop)].flatMap(([account, fen]) => (fen === 0n ? [] : [`${account} ${fen}`])),
    ),
    teams: sorted(shop.performances),
    debts: sorted([...shop.debtRuns].map(([key, runs]) => `${key} ${runs}`)),
  };
}

/** Debit less credit of every account (domain.md 8), worked out from how things stand. */
export function accountsOf(shop: ShopState): ReadonlyMap<string, bigint> {
  const accounts = new Map<string, bigint>();
  const add = (account: string, fen: bigint): void => {
    accounts.set(account, (accounts.get(account) ?? 0n) + fen);
  };
  for (const { data, version, lines } of shop.orders.values()) {
    if (version === null) continue;
    const money = data.alipayTradeNo === undefined ? 'owner' : 'clearing';
    for (const { amountFen, subsidyFen, parties } of lines) {
      add(money, amountFen);
      add('expense:subsidy', subsidyFen);
      for (const { who, owedFen } of parties.values()) {
        if (who === 'platform-fee' || who === 'own-goods') add(`revenue:${who}`, -owedFen);
      }
    }
  }
  for (const { kind, owner, fen } of shop.open) add(payable(kind, owner), -fen);
  for (const { fen } of shop.outside) add('owner', -fen);
  for (const { status, fen } of shop.payouts.values()) {
    if (status === null) add('payout-in-transit', -fen);
    if (status === 'succeeded') add('alipay-cash', -fen);
  }
  for (const { payeeId, fen, state } of shop.recoveries) {
    if (state === 'demanded') add(`receivable:${payeeId}`, fen);
    if (state === 'received') add('owner', fen);
  }
  add('expense:team-reward', shop.rewardedFen);
  add('expense:adjustment', shop.adjustedFen);
  const sum = [...accounts.values()].reduce((total, fen) => total + fen, 0n);
  if (sum !== 0n) throw new Error(`the reference's own books of ${shop.shopId} are off by ${sum}`);
  return accounts;
}

/** The same once bills have told what the owner has brought to the Alipay account, or taken from it. */
export function withBrought(
  accounts: ReadonlyMap<string, bigint>,
  broughtFen: bigint,
): ReadonlyMap<string, bigint> {
  const cash = (accounts.get('alipay-cash') ?? 0n) + broughtFen;
  const owner = (accounts.get('owner') ?? 0n) - broughtFen;
  return new Map([...accounts, ['alipay-cash', cash], ['owner', owner]]);
}

/** Balances of payees by `kind payee`. */
export function balancesOf(shop: ShopState): ReadonlyMap<string, ReferenceBalance> {
  const open = new Map<string, ReferenceEntry[]>();
  for (const entry of shop.open) {
    if (entry.fen === 0n || teamOfOwner(entry.owner) !== null) continue;
    const key = `${entry.kind} ${entry.owner}`;
    open.set(key, [...(open.get(key) ?? []), entry]);
  }
  const sent = new Map<string, { inPayout: bigint; paid: bigint }>();
  const send = (key: string, change: { inPayout?: bigint; paid?: bigint }): void => {
    const { inPayout, paid } = sent.get(key) ?? { inPayout: 0n, paid: 0n };
    const { inPayout: more = 0n, paid: morePaid = 0n } = change;
    sent.set(key, { inPayout: inPayout + more, paid: paid + morePaid });
  };
  for (const { kind, payeeId, status, fen } of shop.payouts.values()) {
    if (status === null) send(`${kind} ${payeeId}`, { inPayout: fen });
    if (status === 'succeeded') send(`${kind} ${payeeId}`, { paid: fen });
  }
  // What was settled elsewhere counts as paid.
  for (const { kind, owner, fen } of shop.outside) send(`${kind} ${owner}`, { paid: fen });
  const keys = new Set([...open.keys(), ...sent.keys()]);
  return new Map(
    [...keys].map((key) => {
      const entries = open.get(key) ?? [];
      const net = sumOf(entries);
      const isMixed = entries.some(({ fen }) => fen < 0n);
      return [
        key,
        {
          ...(sent.get(key) ?? { inPayout: 0n, paid: 0n }),
          owedBack: net < 0n ? -net : 0n,
          waiting: net > 0n ? net : 0n,
          parts: isMixed ? null : partsOfOpen(shop, entries),
        },
      ];
    }),
  );
}

function partsOfOpen(
  shop: ShopState,
  entries: readonly ReferenceEntry[],
): { accrued: bigint; matured: bigint; held: bigint } {
  const parts = { accrued: 0n, matured: 0n, held: 0n };
  for (const entry of entries) {
    const { kind, owner, maturesMs, fen } = entry;
    const isWaiting =
      isHeld(shop, entry) ||
      isPayeeHeld(shop, owner) ||
      !hasDoneTasks(shop, owner, { kind, atMs: shop.nowMs });
    if (isWaiting) parts.held += fen;
    else if (maturesMs > shop.nowMs) parts.accrued += fen;
    else parts.matured += fen;
  }
  return parts;
}

function payable(kind: ReferenceKind, owner: string): string {
  const teamId = teamOfOwner(owner);
  return `payable:${kind}:${teamId === null ? owner : `team:${teamId}`}`;
}

function statementText({ kind, period, payeeId, netFen, entries }: ReferenceStatement): string {
  return [`${kind} ${period} ${payeeId} ${netFen}`, ...entries.map(entryText).sort()].join('\n  ');
}

function sorted(lines: readonly string[]): readonly string[] {
  return [...lines].sort();
}
