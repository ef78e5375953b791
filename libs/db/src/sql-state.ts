/**
 * The SQLSTATE codes that this system acts on. Everything else is a bug or a broken constraint and is not decided by code.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
const IN_FAILED_TRANSACTION = '25P02';

/**
 * States that say «not now», none of which blames the statement. Whole classes: 08 connection exception, 53 insufficient
 * resources (53300: too many connections).
 */
const UNAVAILABLE_CLASSES = new Set(['08', '53']);
const UNAVAILABLE_STATES = new Set([
  '25006', // read_only_sql_transaction: after a failover we are still connected to what is now a standby
  '25P03', // idle_in_transaction_session_timeout: the server closed the session
  '57014', // query_canceled: statement_timeout, or an operator
  '57P01', // admin_shutdown, also pg_terminate_backend
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or shutting down
  '57P05', // idle_session_timeout
]);

/** What a Node socket reports when the peer is gone, cannot be found or does not answer. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * pg reports the loss of a connection as a plain Error without a code, so its text is the only mark there is
 * (https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js). The integration test kills real
 * connections and fails when an upgrade of pg words one of them differently.
 */
const LOST_CONNECTION_MESSAGES = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Query read timeout',
  'timeout expired',
]);

/** Names of the Sequelize errors that mean «no connection»: its own pool's timeout, and every failed log-in whatever its state. */
const CONNECTION_ERROR_NAMES = new Set([
  'SequelizeConnectionError',
  'SequelizeConnectionRefusedError',
  'SequelizeConnectionTimedOutError',
  'SequelizeConnectionAcquireTimeoutError',
  'SequelizeHostNotFoundError',
  'SequelizeHostNotReachableError',
]);

/**
 * The SQLSTATE that PostgreSQL answered with, wherever in the chain of causes it stands (Sequelize wraps the driver's
 * error as `parent`). `undefined` when the failure did not come from PostgreSQL.
 */
export function sqlStateOf(error: unknown): string | undefined {
  for (const link of errorChain(error)) {
    const code = stringProperty(link, 'code');
    if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !NETWORK_CODES.has(code)) return code;
  }
  return undefined;
}

/** Whether `error` says that a row would have broken the unique constraint or index of exactly this name. */
export function isUniqueViolation(error: unknown, constraintName: string): boolean {
  return (
    sqlStateOf(error) === UNIQUE_VIOLATION &&
    errorChain(error).some((link) => stringProperty(link, 'constraint') === constraintName)
  );
}

/**
 * Whether the database could not be reached, went away or had no room for us. The statement may or may not have taken
 * effect when the connection broke while COMMIT was under way.
 */
export function isConnectionFailure(error: unknown): boolean {
  const chain = errorChain(error);
  if (chain.some((link) => CONNECTION_ERROR_NAMES.has(stringProperty(link, 'name') ?? ''))) return true;
  const state = sqlStateOf(error);
  if (state !== undefined) return UNAVAILABLE_STATES.has(state) || UNAVAILABLE_CLASSES.has(state.slice(0, 2));
  return chain.some(
    (link) =>
      NETWORK_CODES.has(stringProperty(link, 'code') ?? '') ||
      LOST_CONNECTION_MESSAGES.has(stringProperty(link, 'message') ?? ''),
  );
}

/** Whether the whole transaction would probably succeed if it ran again from its start. */
export function isTransactionConflict(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED;
}

/** Whether a lock was waited for until `lock_timeout`. Not worth an immediate retry: the wait is over already. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === LOCK_NOT_AVAILABLE;
}

/** Whether the transaction was already aborted by an earlier statement. */
export function isInFailedTransaction(error: unknown): boolean {
  return sqlStateOf(error) === IN_FAILED_TRANSACTION;
}

/** `error` and what it wraps, outermost first; bounded, because a cause may point back at its own wrapper. */
function errorChain(error: unknown): object[] {
  const chain: object[] = [];
  let link: unknown = error;
  while (typeof link === 'object' && link !== null && chain.length < 8) {
    chain.push(link);
    link = property(link, 'parent') ?? property(link, 'cause');
  }
  return chain;
}

function property(target: object, name: string): unknown {
  return Reflect.get(target, name);
}

function stringProperty(target: object, name: string): string | undefined {
  const value = property(target, name);
  return typeof value === 'string' ? value : undefined;
}
