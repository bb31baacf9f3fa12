import { Clock } from './clock.js';

/** A virtual clock was told to go back. */
export class ClockWouldGoBack extends Error {
  override readonly name = 'ClockWouldGoBack';
}

/**
 * A clock that stands still until it is told an instant. It is moved in two steps, because several
 * services must know the new instant before any of them begins the work that it makes due.
 */
export class VirtualClock extends Clock {
  readonly mode = 'virtual';
  private current: Date;
  private begun: Date;
  private readonly listeners = new Set<() => void>();

  constructor(start: Date) {
    super();
    if (Number.isNaN(start.getTime())) throw new RangeError('start of the clock is no instant');
    this.current = new Date(start);
    this.begun = new Date(start);
  }

  now(): Date {
    return new Date(this.current);
  }

  begunUntil(): Date {
    return new Date(this.begun);
  }

  onBegin(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Sets what {@link now} says; the same instant again changes nothing.
   * @throws ClockWouldGoBack for an earlier instant
   */
  take(at: Date): void {
    if (Number.isNaN(at.getTime())) throw new RangeError('not an instant');
    if (at.getTime() < this.current.getTime()) {
      const [from, to] = [this.current.toISOString(), at.toISOString()];
      throw new ClockWouldGoBack(`the clock stands at ${from} and cannot go back to ${to}`);
    }
    this.current = new Date(at);
  }

  /** Lets the work begin that is due up to now, and tells the listeners so. */
  begin(): void {
    this.begun = new Date(this.current);
    for (const listener of [...this.listeners]) listener();
  }
}
