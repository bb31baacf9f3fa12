import type { ServiceName } from '@qingfen/contracts';

/** How an alert ends: with its condition, or when somebody says that they have looked. */
export type AlertEnds = 'by-itself' | 'when-acknowledged';

/** Who has looked at an alert, and what they say of it. */
export interface Acknowledgement {
  readonly by: string;
  readonly at: Date;
  readonly reason: string;
}

/** An alert as it stands: who raised it, and its end once it is over. */
export interface AlertState {
  readonly shopId: string | null;
  readonly alertId: string;
  readonly class: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly subject: { readonly type: string; readonly id: string };
  readonly message: string;
  readonly messageZh: string;
  readonly ends: AlertEnds;
  /** Null where only its end was heard. */
  readonly raisedBy: ServiceName | null;
  readonly raisedAt: Date;
  /** null while it lasts. */
  readonly resolvedAt: Date | null;
  readonly acknowledged: Acknowledgement | null;
}

/** What was told of an alert. */
export interface AlertTold extends Omit<
  AlertState,
  'raisedBy' | 'raisedAt' | 'resolvedAt' | 'acknowledged'
> {
  readonly state: 'raised' | 'resolved';
  readonly by: ServiceName | null;
  readonly at: Date;
}

/**
 * What an alert has become by one more telling; tellings come in the order of the topic, where at equal
 * instants the later one wins. What is older than the state known changes nothing. Who has looked is
 * forgotten when it is raised anew: it is not what they have seen.
 */
export function afterTelling(known: AlertState | null, told: AlertTold): AlertState {
  const { state, at, by, ...alert } = told;
  const raised = { ...alert, raisedBy: by, raisedAt: at, resolvedAt: null, acknowledged: null };
  if (known === null) {
    return state === 'raised' ? raised : { ...raised, raisedBy: null, resolvedAt: at };
  }
  const lastAt = known.resolvedAt ?? known.raisedAt;
  if (at < lastAt) return known;
  if (state === 'resolved') return known.resolvedAt === null ? { ...known, resolvedAt: at } : known;
  // Raised while it lasts: still the same condition, in words of today.
  if (known.resolvedAt !== null) return raised;
  return { ...raised, raisedAt: known.raisedAt, acknowledged: known.acknowledged };
}

/** Something that happened to an alert, kept for ever: its state tells of its last raising alone. */
export interface AlertStep {
  readonly what: 'raised' | 'acknowledged' | 'resolved';
  readonly at: Date;
  /** Who raised it (a service) or looked (a person); null: nobody is known. */
  readonly by: string | null;
  /** What was said by whoever looked. */
  readonly reason: string | null;
  /** As it stands afterwards. */
  readonly alert: AlertState;
}

/** What happened to an alert between two states of it. */
export function stepsBetween(before: AlertState | null, after: AlertState): readonly AlertStep[] {
  const { raisedAt, raisedBy, resolvedAt, acknowledged } = after;
  // What ends and begins at one instant has begun anew.
  const isSame =
    before?.raisedAt.getTime() === raisedAt.getTime() &&
    (before.resolvedAt === null || resolvedAt !== null);
  const none = { reason: null, alert: after };
  const steps: AlertStep[] = [];
  const isHeard = resolvedAt === null || raisedBy !== null;
  if (!isSame && isHeard) steps.push({ what: 'raised', at: raisedAt, by: raisedBy, ...none });
  if (acknowledged !== null && !(isSame && before.acknowledged !== null)) {
    steps.push({ what: 'acknowledged', alert: after, ...acknowledged });
  }
  if (resolvedAt !== null && !(isSame && before.resolvedAt !== null)) {
    steps.push({ what: 'resolved', at: resolvedAt, by: null, ...none });
  }
  return steps;
}

/** Why an alert cannot be acknowledged now. */
export type AcknowledgeRefusal = 'over' | 'acknowledged' | 'raised-anew';

/**
 * What an alert becomes when somebody has looked at it as it was `seen`: one that tells of what has
 * happened is over, one of a condition lasts as long as that does.
 */
export function afterAcknowledging(
  known: AlertState,
  seen: AlertState,
  acknowledged: Acknowledgement,
): AlertState | AcknowledgeRefusal {
  if (seen.resolvedAt !== null) return 'over';
  if (known.acknowledged !== null) return 'acknowledged';
  if (known.raisedAt.getTime() !== seen.raisedAt.getTime()) return 'raised-anew';
  const { at } = acknowledged;
  const isOver = known.ends === 'when-acknowledged';
  return { ...known, acknowledged, resolvedAt: known.resolvedAt ?? (isOver ? at : null) };
}
