import { Injectable } from '@nestjs/common';

/**
 * Tells the workers of this process that there may be something to do, so that they need not wait
 * for their next look at the tables.
 */
@Injectable()
export class Wake {
  private readonly listeners = new Set<() => void>();

  /** Something was committed that a worker may act on. */
  now(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls `listener` at each {@link now}; answers how to stop. */
  on(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
