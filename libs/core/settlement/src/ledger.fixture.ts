import type { LedgerLeg } from './index.js';

/** What the legs of several facts leave on each account, but for accounts that they leave at nothing. */
export function sumsOf(...facts: (readonly LedgerLeg[])[]): Readonly<Record<string, bigint>> {
  const accounts = new Map<string, bigint>();
  for (const { account, amountMinor } of facts.flat()) {
    accounts.set(account, (accounts.get(account) ?? 0n) + amountMinor);
  }
  return Object.fromEntries([...accounts].filter(([, sum]) => sum !== 0n));
}
