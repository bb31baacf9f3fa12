import type { ListRecord } from '@qingfen/hosting';
import type { AccountSum } from './audit.store.js';

/** The group of an account: a kind of what payees are owed, all demands, or the account alone. */
function groupOf(account: string): string {
  const kind = /^(payable:[^:]+):/.exec(account)?.[1];
  if (kind !== undefined) return kind;
  return account.startsWith('receivable:') ? 'receivable' : account;
}

/** By account, or all of a group together: records of an audit package, in the order of their places. */
export function totalsOf(
  list: 'totals' | 'kind-totals',
  accounts: readonly AccountSum[],
): readonly ListRecord[] {
  const totals = new Map<string, AccountSum & { readonly accounts: number }>();
  for (const { account, ...sum } of accounts) {
    const name = list === 'totals' ? account : groupOf(account);
    const place = `${sum.currency} ${name}`;
    const known = totals.get(place);
    totals.set(place, {
      currency: sum.currency,
      account: name,
      accounts: (known?.accounts ?? 0) + 1,
      opening: (known?.opening ?? 0n) + sum.opening,
      debit: (known?.debit ?? 0n) + sum.debit,
      credit: (known?.credit ?? 0n) + sum.credit,
    });
  }
  const places = [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
  return places.map(([place, { currency, account, accounts: count, opening, debit, credit }]) => [
    ...([place, currency, account, count] as const),
    ...[opening, debit, credit, opening + debit - credit].map(String),
  ]);
}
