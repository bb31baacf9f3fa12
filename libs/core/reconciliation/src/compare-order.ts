import type { Finding } from './difference.js';

/** What the order system told of an order: paid and subsidised, less what was refunded since. */
export interface ToldOrder {
  readonly orderId: string;
  readonly baseMinor: bigint;
}

/** What the books owe for it. */
export interface BookedOrder {
  readonly state: 'settling' | 'no-plan';
  /** Σ of all its entries' rows, the platform fee included. */
  readonly entriesMinor: bigint;
  /** The shop sells its own goods: what remains is its own and no entry. */
  readonly keepsRest: boolean;
}

/** Compares an order with its entries; null when they add up to it. `booked` null: nobody knows it. */
export function compareOrder(told: ToldOrder, booked: BookedOrder | null): Finding | null {
  const { orderId, baseMinor } = told;
  const isWithout = booked === null || booked.state === 'no-plan';
  if (!isWithout && addsUp(baseMinor, booked)) return null;
  if (isWithout && baseMinor === 0n) return null;
  return {
    comparison: 'orders',
    class: isWithout ? 'order-without-entries' : 'entries-do-not-add-up',
    subject: { type: 'order', id: orderId },
    amountMinor: isWithout ? baseMinor : booked.entriesMinor - baseMinor,
    cashMinor: 0n,
    ours: booked && { state: booked.state, entriesMinor: booked.entriesMinor.toString() },
    theirs: { baseMinor: baseMinor.toString() },
  };
}

function addsUp(baseMinor: bigint, { entriesMinor, keepsRest }: BookedOrder): boolean {
  if (entriesMinor === baseMinor) return true;
  return keepsRest && entriesMinor >= 0n && entriesMinor < baseMinor;
}
