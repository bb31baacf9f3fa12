import { invariant } from '@qingfen/money';

/** What can be wrong between two sides. */
export const differenceClasses = [
  'missing-at-alipay',
  'missing-here',
  'unknown-transfer-out',
  'amount-differs',
  'status-differs',
  'duplicate',
  'order-without-entries',
  'entries-do-not-add-up',
  'next-day',
] as const;
export type DifferenceClass = (typeof differenceClasses)[number];

export const differenceStates = ['open', 'explained', 'corrected', 'cleared'] as const;
export type DifferenceState = (typeof differenceStates)[number];

/** Which two sides were compared. */
export type Comparison = 'orders' | 'exports' | 'trades' | 'statements' | 'payouts' | 'lines';

/** What one comparison found about one thing. */
export interface Finding {
  readonly comparison: Comparison;
  readonly class: DifferenceClass;
  readonly subject: {
    readonly type: 'order' | 'trade' | 'statement' | 'payout' | 'number' | 'bill-line';
    readonly id: string;
  };
  /** Fen: what is at stake; what the other side has more (or less) than we, where both have something. */
  readonly amountMinor: bigint;
  /**
   * Fen by which the account's balance is above what the books have without this: it stands in
   * `suspense` for as long as the difference does. 0 where no cash is concerned.
   */
  readonly cashMinor: bigint;
  /** The evidence of both sides; null where a side has none. */
  readonly ours: Readonly<Record<string, unknown>> | null;
  readonly theirs: Readonly<Record<string, unknown>> | null;
}

const moves: Readonly<Record<DifferenceState, readonly DifferenceState[]>> = {
  open: ['explained', 'corrected', 'cleared'],
  explained: [],
  corrected: [],
  cleared: [],
};

/** Whether a difference may go from one state to another; what is not open is final. */
export function mayMove(from: DifferenceState, to: DifferenceState): boolean {
  return moves[from].includes(to);
}

/** What a person may close a difference as; `cleared` is for what has gone by itself. */
export type ClosingState = 'explained' | 'corrected';

/** Names the thing that a finding is about, within a shop. */
export function findingKey({
  comparison,
  subject,
}: Pick<Finding, 'comparison' | 'subject'>): string {
  return `${comparison}:${subject.type}:${subject.id}`;
}

/** A difference that stands, as far as merging needs it. */
export interface Standing {
  readonly key: string;
  readonly comparison: Comparison;
  /** 1 for the first time that something was wrong with the thing. */
  readonly occurrence: number;
  readonly state: DifferenceState;
  readonly class: DifferenceClass;
  readonly amountMinor: bigint;
  readonly cashMinor: bigint;
}

/** What becomes of differences after a comparison. */
export interface Merged {
  /** New ones, with the occurrence that each is. */
  readonly opened: readonly { readonly finding: Finding; readonly occurrence: number }[];
  /** Open ones of which something else is told now. */
  readonly changed: readonly { readonly finding: Finding; readonly occurrence: number }[];
  /** Open ones that are gone. */
  readonly cleared: readonly Standing[];
  /** Closed ones that are gone, or told differently now: the ledger has cash for them no longer. */
  readonly released: readonly Standing[];
}

/**
 * Compares what was found with what stands. `standing` has the newest occurrence of each thing that was
 * looked at: what is open of them, or of payouts that the ledger has cash for, and was not found again is
 * gone. What a person has closed stays closed while it
 * is told unchanged. A line of a bill is not looked at again once it is closed: it does not change.
 *
 * @throws InvariantError when two findings are about one thing: a bug
 */
export function mergeFindings(findings: readonly Finding[], standing: readonly Standing[]): Merged {
  const newest = new Map(standing.map((one) => [one.key, one]));
  const found = new Set(findings.map(findingKey));
  invariant(found.size === findings.length, 'a comparison says one thing of each subject');
  const opened: Merged['opened'][number][] = [];
  const changed: Merged['changed'][number][] = [];
  for (const finding of findings) {
    const known = newest.get(findingKey(finding));
    const isSame = known !== undefined && saysTheSame(known, finding);
    if (known?.state === 'open') {
      if (!isSame) changed.push({ finding, occurrence: known.occurrence });
    } else if (known === undefined || known.state === 'cleared' || !isSame) {
      opened.push({ finding, occurrence: (known?.occurrence ?? 0) + 1 });
    }
  }
  const cleared = [...newest.values()].filter(({ key, state }) => {
    return state === 'open' && !found.has(key);
  });
  const reopened = new Set(opened.map(({ finding }) => findingKey(finding)));
  const released = [...newest.values()].filter(({ key, state, cashMinor, comparison }) => {
    const isClosed = state === 'explained' || state === 'corrected';
    const isGone = comparison === 'payouts' && !found.has(key);
    return isClosed && cashMinor !== 0n && (isGone || reopened.has(key));
  });
  return { opened, changed, cleared, released };
}

function saysTheSame(known: Standing, finding: Finding): boolean {
  return (
    known.class === finding.class &&
    known.amountMinor === finding.amountMinor &&
    known.cashMinor === finding.cashMinor
  );
}

/** The account that stands against the cash of a difference, by what has become of it. */
export function accountOf(state: DifferenceState): 'suspense' | 'owner' | 'expense:adjustment' {
  switch (state) {
    case 'open':
    case 'cleared':
      return 'suspense';
    // It was the shop's owner's doing: a payment by hand, money of his own.
    case 'explained':
      return 'owner';
    // The payee's balance was adjusted for it.
    case 'corrected':
      return 'expense:adjustment';
    default: {
      const never: never = state;
      return never;
    }
  }
}
