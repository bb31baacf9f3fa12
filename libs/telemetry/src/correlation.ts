import { AsyncLocalStorage } from 'node:async_hooks';

/** What ties the lines, messages and calls of one piece of work together. */
export interface Correlation {
  readonly correlationId?: string;
  readonly requestId?: string;
}

// One per process on purpose: an async context is looked up from wherever a line is written.
const storage = new AsyncLocalStorage<Correlation>();

/**
 * Runs `work` so that every log line in it carries the given fields, besides those already around
 * it; a field given again replaces the outer one.
 */
export function withCorrelation<T>(fields: Correlation, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

/** The fields around the caller; empty outside of {@link withCorrelation}. */
export function currentCorrelation(): Correlation {
  return storage.getStore() ?? {};
}
