/** A bug in Qingfen itself: never caught below the consumer, never the answer to bad input. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * Stops at once when something that must always hold does not.
 *
 * @throws InvariantError with the message given.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
