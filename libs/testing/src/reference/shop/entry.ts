import type { ReferenceKind } from '../plan-in-force.js';

/** Why an entry was booked; what an order owes in the first place is of the cause `order`. */
export type EntryCause =
  | 'order'
  | 'refund'
  | 'refund-reversal'
  | 'rebinding'
  | 'give-back'
  | 'team-reward'
  | 'adjustment'
  | 'recovery'
  | 'recovery-withdrawn';

/** One amount owed to one payee, or taken back; its amount changes until it is stated. */
export interface ReferenceEntry {
  readonly kind: ReferenceKind;
  /** A payee or, until a run finds its leader, `#` and a team. */
  readonly owner: string;
  readonly cause: EntryCause;
  /** The refund or the payout that it goes back to; empty of other causes. */
  readonly causeId: string;
  /** Empty where it concerns no order. */
  readonly orderId: string;
  readonly itemId: string;
  /** 0 where it is of no level. */
  readonly level: number;
  fen: bigint;
  maturesMs: number;
  /** The end of the return window whose close must have been told; null: no evidence is needed. */
  windowMs: number | null;
  place: 'open' | 'stated' | 'outside';
}

/** Under whose name a team's reward waits. */
export function teamOwner(teamId: string): string {
  return `#${teamId}`;
}

/** The team whose reward waits under this name; null for a payee's own. */
export function teamOfOwner(owner: string): string | null {
  return owner.startsWith('#') ? owner.slice(1) : null;
}

/** An entry in one line, so that lists of them can be compared. */
export function entryText(entry: Omit<ReferenceEntry, 'windowMs' | 'place'>): string {
  const { kind, owner, orderId, itemId, level, cause, causeId, fen, maturesMs } = entry;
  const where = orderId === '' ? '-' : `${orderId}/${itemId}/${level}`;
  const matures = new Date(maturesMs).toISOString();
  return `${kind} ${owner} ${where} ${cause}:${causeId} ${fen} from ${matures}`;
}
