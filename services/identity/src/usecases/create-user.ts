import { v7 as newId } from 'uuid';
import { PermissionDeniedError, type Principal } from '@chain-processor/auth';
import { RequestIdReusedError } from '@chain-processor/errors';
import type { PasswordHasher } from '../credentials/password-hasher.js';
import { EmailTakenError } from '../domain/errors.js';
import { digestOfProfile } from '../domain/request-digest.js';
import type { RequestKey, User, UserProfile } from '../domain/user.js';
import type { UserStore } from '../store/user-store.js';

export interface CreateUserDependencies {
  readonly users: UserStore;
  readonly passwords: PasswordHasher;
}

export interface CreateUserCommand {
  readonly profile: UserProfile;
  /** Without fault; see domain/password.ts. */
  readonly password: string;
  /** Makes the call repeatable; kept as long as the user. */
  readonly requestId: string | undefined;
  readonly validateOnly: boolean;
}

/**
 * Stores a new active user. Undefined when the command only validates.
 *
 * With a request id the call may be repeated, also while the first one is still under way: exactly one user is made, and every
 * call gives it.
 *
 * @throws EmailTakenError, RequestIdReusedError, OverloadedError; PermissionDeniedError when anyone but a
 *   superuser makes a superuser.
 */
export async function createUser(
  dependencies: CreateUserDependencies,
  principal: Principal,
  command: CreateUserCommand,
  signal?: AbortSignal,
): Promise<User | undefined> {
  const { users, passwords } = dependencies;
  const { profile, password, requestId, validateOnly } = command;
  if (profile.isSuperuser && !principal.isSuperuser) {
    throw new PermissionDeniedError('making a superuser', 'a superuser');
  }

  const request = requestId === undefined ? undefined : { id: requestId, digest: digestOfProfile(profile) };
  const first = await findFirst(dependencies, principal, request, password, signal);
  if (first !== undefined) return validateOnly ? undefined : first;

  if (validateOnly) {
    if ((await users.findCredentials(profile.email)) !== undefined) throw new EmailTakenError();
    return undefined;
  }
  const passwordHash = await passwords.hash(password, signal);
  try {
    return await users.insert({
      ...profile,
      id: newId(),
      passwordHash,
      createdById: principal.id,
      request,
    });
  } catch (error) {
    // The same call may have won the race since we looked; which index it meets here is the database's choice.
    if (!(error instanceof EmailTakenError || error instanceof RequestIdReusedError)) throw error;
    const winner = await findFirst(dependencies, principal, request, password, signal);
    if (winner === undefined) throw error;
    return winner;
  }
}

/** The user whom an earlier call with the same request id made; undefined when this is the first. */
async function findFirst(
  { users, passwords }: CreateUserDependencies,
  principal: Principal,
  request: RequestKey | undefined,
  password: string,
  signal: AbortSignal | undefined,
): Promise<User | undefined> {
  if (request === undefined) return undefined;
  const first = await users.findByRequest(principal.id, request.id);
  if (first === undefined) return undefined;
  const isSame =
    first.requestDigest.equals(request.digest) &&
    // The digest leaves the password out. Once the user was changed, the hash may be of a later password and proves nothing.
    (first.user.version > 1 || (await passwords.verify(password, first.passwordHash, signal)));
  if (!isSame) throw new RequestIdReusedError(request.id);
  return first.user;
}
