import { QueryTypes, type QueryOptions, type Transaction } from 'sequelize';
import { Sequelize, type ModelCtor } from 'sequelize-typescript';
import { invariant } from '@chain-processor/errors';
import { connectionOptions, type DatabaseTimeouts, type DatabaseTls } from './connection-options.js';
import { toDatabaseError } from './database-errors.js';
import { transactionRunner, type TransactionOptions } from './transaction.js';

/** One statement that succeeded. */
export interface CompletedQuery {
  /** The statement with `'?'` in place of every string literal: user text never gets here. */
  readonly sql: string;
  readonly durationMs: number;
}

/** How to reach one service's database. */
export interface DatabaseOptions extends DatabaseTimeouts {
  /** `postgres://user:password@host:port/database`, without parameters. */
  readonly url: string;
  /** Shown in `pg_stat_activity`: which service and role holds the connection. */
  readonly applicationName: string;
  /** Most connections at a time. The sum over all processes must stay below the server's `max_connections`. */
  readonly poolMax: number;
  /**
   * The sequelize-typescript models of the service's `store/models`. Default none. The class itself belongs to no database:
   * use `sequelize.getRepository(Model)`, so that two services in one process each query their own.
   */
  readonly models?: readonly ModelCtor[];
  /** TLS with a verified server. Default: no TLS. */
  readonly tls?: DatabaseTls;
  /** Called after each successful statement, for metrics and debug logs. Must not throw. */
  readonly onQuery?: (query: CompletedQuery) => void;
  /**
   * Called when a connection breaks, idle or in use; the pool replaces it and the statement that used it fails on its own.
   * For the log. Default: nothing.
   */
  readonly onConnectionError?: (error: Error) => void;
}

/** One service's database. */
export interface Database {
  /** For models in `store/`. Its queries fail with the same errors as {@link Database.query}. */
  readonly sequelize: Sequelize;
  /**
   * Runs `run` in one READ COMMITTED transaction.
   *
   * Resolves only after COMMIT succeeded. Rejects with what `run` threw, and then nothing was changed. A serialization
   * failure or deadlock rolls back and calls `run` again, so `run` must have no effect outside the transaction; after the last
   * try it rejects with `ConflictRetryError`. Rejects with `DatabaseUnavailableError` when the connection breaks; if it broke
   * during COMMIT, the outcome is unknown. Rejects with `InvariantError` when `run` swallowed the error of a statement.
   *
   * Pass the transaction to every query explicitly; do not open a second one inside (it would wait for a connection that the
   * first one holds), and do not use `transaction.afterCommit`, which Sequelize calls even if COMMIT failed.
   */
  transaction<T>(run: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs one SQL statement with parameters `$1`, `$2`... and returns its rows (also of `returning`), untyped data that
   * the caller vouches for as `Row`. Arrays bind as PostgreSQL arrays (`unnest($1::uuid[], $2::text[])`), so a JSON array
   * must be passed as text. `bigint` comes back as a string, `timestamptz` as a Date, `bytea` as a Buffer. Write no `$$` in `sql`.
   *
   * Rejects with `DatabaseUnavailableError`, `ConflictRetryError`, or Sequelize's error for anything else; see
   * `isUniqueViolation`.
   */
  query<Row extends object>(sql: string, options?: StatementOptions): Promise<Row[]>;
  /** Resolves when the database answers; rejects with `DatabaseUnavailableError`. For readiness, never for liveness. */
  ping(): Promise<void>;
  /** Waits for what is running and closes every connection. Queries that start afterwards fail. */
  close(): Promise<void>;
}

/** What goes with one statement. */
export interface StatementOptions {
  readonly bind?: readonly unknown[];
  readonly transaction?: Transaction;
}

/** Opens a pool. Connects lazily, so it does not fail when the database is down; `ping` tells. */
export function createDatabase(options: DatabaseOptions): Database {
  const { onQuery } = options;
  const settings = {
    ...connectionOptions(options),
    // Without it Sequelize opens one connection outside the pool, only to ask for the version.
    databaseVersion: MINIMUM_SERVER_VERSION,
    // Without it a model class would query through whichever pool was opened last in this process.
    repositoryMode: true,
    models: [...(options.models ?? [])],
    benchmark: onQuery !== undefined,
    logging:
      onQuery === undefined
        ? (false as const)
        : (line: string, durationMs?: number) => {
            onQuery({ sql: redactedSql(line), durationMs: durationMs ?? 0 });
          },
  };
  const sequelize = new Sequelize(settings);
  translateErrors(sequelize);

  const transaction = transactionRunner({ sequelize, random: Math.random });

  async function query<Row extends object>(sql: string, statement: StatementOptions = {}): Promise<Row[]> {
    return sequelize.query<Row>(sql, {
      type: QueryTypes.SELECT,
      ...(statement.bind === undefined ? {} : { bind: bindable(statement.bind) }),
      ...(statement.transaction === undefined ? {} : { transaction: statement.transaction }),
    });
  }

  return {
    sequelize,
    transaction,
    query,
    ping: async () => {
      await query('SELECT 1');
    },
    close: () => sequelize.close(),
  };
}

const MINIMUM_SERVER_VERSION = '15.0.0';

/**
 * Gives every query, those of models included, the errors that {@link Database.query} promises. Assigned to the
 * instance: Sequelize's models and transactions all call `sequelize.query`.
 */
function translateErrors(sequelize: Sequelize): void {
  const run = sequelize.query.bind(sequelize);
  Object.defineProperty(sequelize, 'query', {
    value: async (sql: string, options?: QueryOptions): Promise<unknown> => {
      try {
        return await run(sql, options);
      } catch (error) {
        throw toDatabaseError(error);
      }
    },
  });
}

/**
 * Sequelize replaces NUL in a bound string by two other characters without a word (lib/dialects/postgres/query.js). Text is
 * checked at the edge and at the sandbox, so NUL here is a bug, and better an error than changed text.
 */
function bindable(values: readonly unknown[]): unknown[] {
  for (const [index, value] of values.entries()) {
    const hasNul = typeof value === 'string' && value.includes('\0');
    invariant(!hasNul, `bound parameter $${index + 1} holds NUL, which PostgreSQL cannot store`);
  }
  return [...values];
}

/** Cuts Sequelize's `Executed (id): ` off and blanks string literals, which may hold user text (`where` inlines values). */
function redactedSql(line: string): string {
  return line.replace(/^Executed \([^)]*\): /, '').replaceAll(/'(?:[^']|'')*'/g, "'?'");
}
