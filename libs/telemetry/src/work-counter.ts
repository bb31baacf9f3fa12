/**
 * Counts pieces of work that a service has begun, ever: a batch with something new in it, a run,
 * a send. Whoever waits for quiet compares two readings; equal ones mean that nothing was begun.
 */
export class WorkCounter {
  private begun = 0;

  /** Notes that `count` pieces of work have begun. */
  begin(count = 1): void {
    this.begun += count;
  }

  /** Pieces of work begun since the process started. */
  get value(): number {
    return this.begun;
  }
}
