/** Where business time comes from; nothing else may read the machine's clock for it. */
export abstract class Clock {
  abstract readonly mode: 'system' | 'virtual';

  /** The instant that it is now. */
  abstract now(): Date;

  /** Work due up to here may begin: under the system clock it is now. */
  abstract begunUntil(): Date;

  /**
   * Calls `listener` whenever {@link begunUntil} has moved by a step; the system clock glides and
   * never calls. Returns how to stop listening.
   */
  abstract onBegin(listener: () => void): () => void;
}

/** The machine's clock. */
export class SystemClock extends Clock {
  readonly mode = 'system';

  now(): Date {
    return new Date();
  }

  begunUntil(): Date {
    return new Date();
  }

  onBegin(): () => void {
    return () => undefined;
  }
}
