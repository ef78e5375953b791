import type { Database, Transaction } from '@chain-processor/db';
import type { Logger } from '@chain-processor/service-kit';
import type { SigningKeyBox } from '../credentials/signing-key-box.js';
import type { SigningKeyStore } from '../store/signing-key-store.js';
import { lockStartUp } from '../store/start-up-lock.js';

export interface EnsureSigningKeyDependencies {
  readonly database: Database;
  readonly keys: SigningKeyStore;
  readonly box: SigningKeyBox;
  readonly logger: Logger;
}

/**
 * Sees to it that there is an active signing key and that this process can sign with it. Replicas that start at once end up
 * with the same key.
 *
 * @throws SigningKeyUnreadableError when the configured encryption key does not open it.
 */
export async function ensureSigningKey({
  database,
  keys,
  box,
  logger,
}: EnsureSigningKeyDependencies): Promise<void> {
  const active = (await keys.findActive()) ?? (await database.transaction(makeFirst));
  await box.open(active);

  async function makeFirst(transaction: Transaction) {
    await lockStartUp(database, transaction);
    const present = await keys.findActive(transaction);
    if (present !== undefined) return present;
    const key = await box.generate();
    await keys.insertActive(key, transaction);
    logger.info({ kid: key.kid }, 'signing key created');
    return key;
  }
}
