import type { PasswordHasher } from '../credentials/password-hasher.js';
import type { AccessToken, TokenIssuer } from '../credentials/token-issuer.js';
import { CredentialsInvalidError } from '../domain/errors.js';
import type { User } from '../domain/user.js';
import type { UserStore } from '../store/user-store.js';

export interface LoginDependencies {
  readonly users: UserStore;
  readonly passwords: PasswordHasher;
  readonly tokens: TokenIssuer;
}

export interface LoginCommand {
  /** Normalised. */
  readonly email: string;
  readonly password: string;
}

export interface LoginResult {
  readonly user: User;
  readonly accessToken: AccessToken;
}

/**
 * Every refusal costs one read and one hash, whether the user is unknown, inactive or the password wrong, so neither the answer
 * nor its time tells them apart.
 *
 * @throws CredentialsInvalidError, OverloadedError.
 */
export async function login(
  { users, passwords, tokens }: LoginDependencies,
  { email, password }: LoginCommand,
  signal?: AbortSignal,
): Promise<LoginResult> {
  const credentials = await users.findCredentials(email);
  const isMatch = await passwords.verify(password, credentials?.passwordHash, signal);
  if (credentials === undefined || !isMatch || !credentials.user.isActive)
    throw new CredentialsInvalidError();

  const user = await users.recordLogin(credentials);
  if (user === undefined) throw new CredentialsInvalidError();
  return { user, accessToken: await tokens.issue(user) };
}
