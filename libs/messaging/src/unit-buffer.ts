import type { DeadLetterCode, Topic } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import { messageOf, type OutboxMessage, type Sayer } from './outbox.js';
import type { RawMessage } from './raw-message.js';
import type { AlertInput, AlertSubject, IncomingEvent, OutgoingEvent, Unit } from './unit.js';

/** A message that goes to the dead letters, and why. */
export interface Refusal {
  readonly raw: RawMessage;
  readonly code: DeadLetterCode;
  readonly reason: string;
  /** The event, where it could be read: its inbox mark is taken back. */
  readonly event: IncomingEvent | null;
}

/** Raising or ending an alert, in the order in which it was asked for. */
export type AlertChange =
  | { readonly kind: 'raise'; readonly alert: AlertInput }
  | {
      readonly kind: 'resolve';
      readonly alertClass: string;
      readonly subject: AlertSubject;
      readonly shopId: string | null | undefined;
    }
  | { readonly kind: 'end'; readonly alertId: string; readonly shopId: string | null };

/** How much a buffer held at a savepoint. */
export interface BufferMark {
  readonly said: number;
  readonly refused: number;
  readonly alerts: number;
  readonly afterwards: number;
}

/** Collects what a unit wants said, until its transaction writes all of it at once. */
export class UnitBuffer implements Unit {
  readonly said: OutboxMessage[] = [];
  readonly refused: Refusal[] = [];
  readonly alerts: AlertChange[] = [];
  private readonly afterwards: (() => void)[] = [];

  constructor(
    readonly tx: Tx,
    readonly now: Date,
    private readonly by: Sayer,
  ) {}

  say<T extends Topic>(event: OutgoingEvent<T>): void {
    // Made at once, so that what cannot be made fails where it was said.
    this.said.push(messageOf(event, this.now, this.by));
  }

  refuse(event: IncomingEvent, code: DeadLetterCode, reason: string): void {
    this.refused.push({ raw: event.raw, code, reason, event });
  }

  alert(alert: AlertInput): void {
    this.alerts.push({ kind: 'raise', alert });
  }

  resolveAlert(alertClass: string, subject: AlertSubject, shopId?: string | null): void {
    this.alerts.push({ kind: 'resolve', alertClass, subject, shopId });
  }

  endAlert(alertId: string, shopId: string | null): void {
    this.alerts.push({ kind: 'end', alertId, shopId });
  }

  onCommit(work: () => void): void {
    this.afterwards.push(work);
  }

  /** To be called when the transaction has committed. */
  committed(): void {
    for (const work of this.afterwards) work();
  }

  mark(): BufferMark {
    const { said, refused, alerts, afterwards } = this;
    return {
      said: said.length,
      refused: refused.length,
      alerts: alerts.length,
      afterwards: afterwards.length,
    };
  }

  /** Forgets what was asked for since the mark: its rows were rolled back. */
  rewind(mark: BufferMark): void {
    this.said.length = mark.said;
    this.refused.length = mark.refused;
    this.alerts.length = mark.alerts;
    this.afterwards.length = mark.afterwards;
  }
}
