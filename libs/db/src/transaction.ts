import { setTimeout as delay } from 'node:timers/promises';
import { QueryTypes, Transaction, type TransactionOptions as SequelizeTransactionOptions } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { InvariantError } from '@chain-processor/errors';
import { toDatabaseError } from './database-errors.js';
import { isInFailedTransaction, isTransactionConflict } from './sql-state.js';

/** How one transaction differs from the ordinary. */
export interface TransactionOptions {
  /** Default READ COMMITTED. */
  readonly isolationLevel?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  /** Runs of the callback when it meets a serialization failure or a deadlock, the first one included. Default 5. */
  readonly maxTries?: number;
}

export interface TransactionRunnerOptions {
  readonly sequelize: Sequelize;
  /** A number in [0, 1) that spreads the retries of colliding transactions. */
  readonly random: () => number;
}

/** Runs a callback in a transaction: once committed it resolves, in every other case it rejects. */
export type TransactionRunner = <T>(
  run: (transaction: Transaction) => Promise<T>,
  options?: TransactionOptions,
) => Promise<T>;

const FIRST_BACKOFF_MS = 10;
const MAX_BACKOFF_MS = 200;

/** Builds the function behind `Database.transaction`; its promises stand there. */
export function transactionRunner({ sequelize, random }: TransactionRunnerOptions): TransactionRunner {
  async function runOnce<T>(
    run: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    return sequelize.transaction(sequelizeOptions(options), async (transaction) => {
      const result = await run(transaction);
      await expectCommittable(sequelize, transaction);
      return result;
    });
  }

  return async (run, options = {}) => {
    const maxTries = options.maxTries ?? 5;
    for (let attempt = 1; ; attempt++) {
      try {
        return await runOnce(run, options);
      } catch (error) {
        if (!isTransactionConflict(error) || attempt >= maxTries) throw toDatabaseError(error);
      }
      await delay(random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt));
    }
  };
}

/** READ COMMITTED is the connection's default, so it is not said again: that would be one more round trip. */
function sequelizeOptions({
  isolationLevel = 'READ COMMITTED',
}: TransactionOptions): SequelizeTransactionOptions {
  switch (isolationLevel) {
    case 'READ COMMITTED':
      return {};
    case 'REPEATABLE READ':
      return { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ };
    case 'SERIALIZABLE':
      return { isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE };
  }
}

/**
 * The last statement of every transaction. PostgreSQL answers COMMIT of an aborted transaction with a silent ROLLBACK, which pg
 * and Sequelize report as success, so a callback that swallows a statement's error would lose its rows unnoticed. Any
 * statement fails in that state; this one also checks deferred constraints while an error still is an ordinary one (at
 * COMMIT it would cost the connection).
 */
async function expectCommittable(sequelize: Sequelize, transaction: Transaction): Promise<void> {
  try {
    await sequelize.query('SET CONSTRAINTS ALL IMMEDIATE', { transaction, type: QueryTypes.RAW });
  } catch (error) {
    if (!isInFailedTransaction(error)) throw error;
    throw new InvariantError(
      'a statement failed inside a transaction and its error was swallowed; the transaction was rolled back. Use ON CONFLICT ' +
        'or a savepoint where a failure is expected',
      { cause: error },
    );
  }
}
