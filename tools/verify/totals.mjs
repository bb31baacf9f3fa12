// What a ledger comes to in a span, as docs/proofs.md has it: by account, and by group.
import { demand } from './hashes.mjs';

/** The group of an account: a kind of what payees are owed, all demands, or the account alone. */
function groupOf(account) {
  const payable = /^payable:([^:]+):/.exec(account);
  if (payable !== null) return `payable:${payable[1]}`;
  return account.startsWith('receivable:') ? 'receivable' : account;
}

/** Sums up postings, and takes each sum away that is told. */
export class Totals {
  constructor(fromMs, toMs) {
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.sums = { totals: new Map(), 'kind-totals': new Map() };
    this.shown = [];
  }

  post({ bookedAtMs, currency, account, amount }) {
    if (bookedAtMs >= this.toMs) return;
    const sum = sumIn(this.sums.totals, `${currency} ${account}`);
    if (bookedAtMs < this.fromMs) sum.opening += amount;
    else if (amount > 0n) sum.debit += amount;
    else sum.credit -= amount;
  }

  /** Groups are made of accounts once all of them are there. */
  group() {
    for (const [key, { opening, debit, credit }] of this.sums.totals) {
      const [currency, ...account] = key.split(' ');
      const sum = sumIn(this.sums['kind-totals'], `${currency} ${groupOf(account.join(' '))}`);
      sum.accounts += 1;
      sum.opening += opening;
      sum.debit += debit;
      sum.credit += credit;
    }
    for (const sum of this.sums.totals.values()) sum.accounts = 1;
    this.isGrouped = true;
  }

  compare(list, [place, currency, name, accounts, ...amounts]) {
    if (this.isGrouped !== true) this.group();
    const key = `${currency} ${name}`;
    demand(place === key, `${list} tell of ${key} in the place of ${place}`);
    const sum = this.sums[list].get(key);
    demand(sum !== undefined, `${list} tell of ${key}, which the ledger does not have, or twice`);
    const { opening, debit, credit } = sum;
    const own = [opening, debit, credit, opening + debit - credit].map(String);
    demand(
      accounts === sum.accounts && own.join() === amounts.join(),
      `${list} of ${key} are ${amounts.join(', ')}, and the ledger comes to ${own.join(', ')}`,
    );
    this.sums[list].delete(key);
    if (list === 'kind-totals') this.shown.push(`  ${key} ${own.join(' ')}`);
  }

  finish(list) {
    if (this.isGrouped !== true) this.group();
    const [missing] = this.sums[list].keys();
    demand(missing === undefined, `${list} do not tell of ${missing}`);
  }

  lines() {
    return ['totals in minor units (opening, debit, credit, closing; debit +):', ...this.shown];
  }
}

function sumIn(sums, key) {
  const known = sums.get(key);
  if (known !== undefined) return known;
  const made = { accounts: 0, opening: 0n, debit: 0n, credit: 0n };
  sums.set(key, made);
  return made;
}
