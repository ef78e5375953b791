import { fn } from 'sequelize';
import { z } from 'zod';
import { isUniqueViolation, type Database, type Transaction } from '@chain-processor/db';
import { RequestIdReusedError, invariant } from '@chain-processor/errors';
import { EmailTakenError } from '../domain/errors.js';
import { roleNames, type NewUser, type User } from '../domain/user.js';
import { UserModel } from './models/user-model.js';

/** A user with what a login is checked against. */
export interface StoredCredentials {
  readonly user: User;
  readonly passwordHash: string;
}

/** A user who was made by a call with a `request_id`. */
export interface RequestedUser extends StoredCredentials {
  readonly requestDigest: Buffer;
}

/** The table `users`. Every method may also fail with `DatabaseUnavailableError`. */
export interface UserStore {
  findById(id: string): Promise<User | undefined>;
  /** @param email normalised. */
  findCredentials(email: string, transaction?: Transaction): Promise<StoredCredentials | undefined>;
  /** The user whom `createdById` made with this `request_id`. */
  findByRequest(createdById: string, requestId: string): Promise<RequestedUser | undefined>;
  hasSuperuser(transaction?: Transaction): Promise<boolean>;
  /** @throws EmailTakenError, or RequestIdReusedError when the same caller used the `request_id` before. */
  insert(user: NewUser, transaction?: Transaction): Promise<User>;
  /**
   * Notes a successful login and gives the user as of then. Undefined when the user was deactivated or the password changed
   * since the credentials were read.
   */
  recordLogin(credentials: StoredCredentials): Promise<User | undefined>;
}

/** The columns that the database types less strictly than the domain; its own constraints keep the promise. */
const columnsSchema = z.object({
  roles: z.array(z.enum(roleNames)),
  preferences: z.record(z.string(), z.unknown()),
});

export function createUserStore({ database }: { readonly database: Database }): UserStore {
  const users = database.sequelize.getRepository(UserModel);

  return {
    async findById(id) {
      const row = await users.findByPk(id);
      return row === null ? undefined : toUser(row);
    },

    async findCredentials(email, transaction) {
      const row = await users.findOne({ where: { email }, ...within(transaction) });
      return row === null ? undefined : { user: toUser(row), passwordHash: row.passwordHash };
    },

    async findByRequest(createdById, requestId) {
      const row = await users.findOne({ where: { createdById, requestId } });
      if (row === null) return undefined;
      invariant(row.requestDigest, `user ${row.id} has a request id and no digest`);
      return { user: toUser(row), passwordHash: row.passwordHash, requestDigest: row.requestDigest };
    },

    async hasSuperuser(transaction) {
      const row = await users.findOne({ where: { isSuperuser: true }, ...within(transaction) });
      return row !== null;
    },

    async insert(user, transaction) {
      try {
        return toUser(await users.create(toRow(user), within(transaction)));
      } catch (error) {
        if (isUniqueViolation(error, 'ix_users_email')) throw new EmailTakenError({ cause: error });
        if (user.request !== undefined && isUniqueViolation(error, 'ix_users_created_by_id_request_id')) {
          throw new RequestIdReusedError(user.request.id);
        }
        throw error;
      }
    },

    async recordLogin({ user, passwordHash }) {
      const [, [row]] = await users.update(
        { lastLogin: fn('clock_timestamp') },
        { where: { id: user.id, isActive: true, passwordHash }, returning: true },
      );
      return row === undefined ? undefined : toUser(row);
    },
  };
}

function within(transaction: Transaction | undefined): { transaction?: Transaction } {
  return transaction === undefined ? {} : { transaction };
}

function toRow(user: NewUser) {
  return {
    id: user.id,
    email: user.email,
    passwordHash: user.passwordHash,
    fullName: user.fullName,
    isSuperuser: user.isSuperuser,
    roles: [...user.roles],
    preferences: user.preferences,
    createdById: user.createdById ?? null,
    requestId: user.request?.id ?? null,
    requestDigest: user.request?.digest ?? null,
  };
}

function toUser(row: UserModel): User {
  return {
    id: row.id,
    email: row.email,
    fullName: row.fullName,
    isActive: row.isActive,
    isSuperuser: row.isSuperuser,
    ...columnsSchema.parse({ roles: row.roles, preferences: row.preferences }),
    lastLogin: row.lastLogin ?? undefined,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}
