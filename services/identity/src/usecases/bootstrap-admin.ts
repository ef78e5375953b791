import { v7 as newId } from 'uuid';
import type { Database } from '@chain-processor/db';
import type { Logger, Secret } from '@chain-processor/service-kit';
import type { PasswordHasher } from '../credentials/password-hasher.js';
import { lockStartUp } from '../store/start-up-lock.js';
import type { UserStore } from '../store/user-store.js';

export interface BootstrapAdminDependencies {
  readonly database: Database;
  readonly users: UserStore;
  readonly passwords: PasswordHasher;
  readonly logger: Logger;
}

export interface FirstAdmin {
  /** Normalised. */
  readonly email: string;
  readonly password: Secret;
}

type Outcome = 'created' | 'superuser exists' | 'email taken';

/**
 * Makes the first superuser of an empty installation. Does nothing once there is a superuser, so the configuration may keep
 * naming the first one; an account that exists is never changed, least of all its password.
 */
export async function bootstrapAdmin(
  { database, users, passwords, logger }: BootstrapAdminDependencies,
  { email, password }: FirstAdmin,
): Promise<void> {
  if (await users.hasSuperuser()) return;
  // Hashed before the lock is held, which others wait for.
  const passwordHash = await passwords.hash(password.reveal());
  const id = newId();

  const outcome = await database.transaction<Outcome>(async (transaction) => {
    await lockStartUp(database, transaction);
    if (await users.hasSuperuser(transaction)) return 'superuser exists';
    if ((await users.findCredentials(email, transaction)) !== undefined) return 'email taken';
    await users.insert(
      {
        id,
        email,
        passwordHash,
        fullName: 'Administrator',
        isSuperuser: true,
        roles: ['admin'],
        preferences: {},
        createdById: undefined,
        request: undefined,
      },
      transaction,
    );
    return 'created';
  });

  if (outcome === 'created') logger.info({ user_id: id }, 'first administrator created');
  if (outcome === 'email taken') {
    logger.warn(
      'no superuser exists, and BOOTSTRAP_ADMIN_EMAIL belongs to a user who is none; choose another',
    );
  }
}
