/**
 * Something that this program promises itself did not hold: a bug, not a caller's mistake. Clients see INTERNAL with a
 * fixed sentence; the message goes to the log.
 */
export class InvariantError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'InvariantError';
  }
}

/**
 * Narrows by a promise that the code makes itself.
 *
 * @throws InvariantError when `condition` does not hold.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
