/** An alert as it stands: who raised it, and its end once it is over. */
export interface AlertState {
  readonly shopId: string | null;
  readonly alertId: string;
  readonly class: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly subject: { readonly type: string; readonly id: string };
  readonly message: string;
  readonly messageZh: string;
  readonly raisedAt: Date;
  /** null while it lasts. */
  readonly resolvedAt: Date | null;
}

/** What was told of an alert. */
export interface AlertTold extends Omit<AlertState, 'raisedAt' | 'resolvedAt'> {
  readonly state: 'raised' | 'resolved';
  readonly at: Date;
}

/**
 * What an alert has become by one more telling; tellings come in the order of the topic, where at equal
 * instants the later one wins. What is older than the state known changes nothing.
 */
export function afterTelling(known: AlertState | null, told: AlertTold): AlertState {
  const { state, at, ...alert } = told;
  if (known === null) {
    return { ...alert, raisedAt: at, resolvedAt: state === 'resolved' ? at : null };
  }
  const lastAt = known.resolvedAt ?? known.raisedAt;
  if (at < lastAt) return known;
  if (state === 'resolved') return known.resolvedAt === null ? { ...known, resolvedAt: at } : known;
  // Raised while it lasts: still the same condition, in words of today.
  if (known.resolvedAt === null) return { ...alert, raisedAt: known.raisedAt, resolvedAt: null };
  return { ...alert, raisedAt: at, resolvedAt: null };
}
