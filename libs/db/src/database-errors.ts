import { AppError, ConflictRetryError, DependencyUnavailableError } from '@chain-processor/errors';
import { isConnectionFailure, isLockTimeout, isTransactionConflict } from './sql-state.js';

/**
 * PostgreSQL could not be reached, went away or had no connection to spare. UNAVAILABLE with reason DEPENDENCY_UNAVAILABLE;
 * names neither host, state nor table. When it comes out of a transaction whose COMMIT was under way, the transaction may
 * have happened: callers repeat with the same `request_id`.
 */
export class DatabaseUnavailableError extends DependencyUnavailableError {
  constructor(cause: unknown) {
    super('database', cause);
  }
}

/**
 * The error to throw instead of a driver's: {@link DatabaseUnavailableError} for a lost connection, `ConflictRetryError` for
 * a conflict with another transaction. Anything else comes back as it is: the store maps constraint violations
 * to its own domain errors, and what nobody maps is INTERNAL. An AppError was translated already.
 */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isConnectionFailure(error)) return new DatabaseUnavailableError(error);
  if (isTransactionConflict(error) || isLockTimeout(error)) return new ConflictRetryError(error);
  return error;
}
