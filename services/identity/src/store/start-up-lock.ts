import type { Database, Transaction } from '@chain-processor/db';

/** Arbitrary, and fixed for ever: replicas of two releases must exclude each other too. */
const START_UP_LOCK_KEY = '6871236059107';

/**
 * Makes replicas that start at once go one after the other, until the transaction ends: what one makes in an empty database,
 * the next one finds.
 *
 * @throws ConflictRetryError when another replica holds the lock for longer than `lock_timeout`.
 */
export async function lockStartUp(database: Database, transaction: Transaction): Promise<void> {
  await database.query('select pg_advisory_xact_lock($1)', { bind: [START_UP_LOCK_KEY], transaction });
}
