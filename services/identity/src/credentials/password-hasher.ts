import { hash, verify } from '@node-rs/argon2';
import { normalizePassword } from '../domain/password.js';
import { createWorkLimiter } from './work-limiter.js';

export interface PasswordHasherOptions {
  /** Memory per hash, in KiB. */
  readonly memoryKib: number;
  /** Passes over that memory. */
  readonly passes: number;
  /**
   * Hashes at a time. They run on libuv's threads (UV_THREADPOOL_SIZE, 4 by default), which DNS look-ups need too
   * (https://github.com/nodejs/node/issues/8436).
   */
  readonly concurrency: number;
  /** How many more may wait. */
  readonly maxWaiting: number;
}

/** Hashes and verifies passwords with argon2id. Each method may fail with OverloadedError or with the signal's reason. */
export interface PasswordHasher {
  /** In PHC string format, parameters included. */
  hash(password: string, signal?: AbortSignal): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Without a hash it is false and takes the same time, so that how long a
   * login takes does not tell whether the user exists.
   */
  verify(password: string, passwordHash: string | undefined, signal?: AbortSignal): Promise<boolean>;
}

export async function createPasswordHasher(options: PasswordHasherOptions): Promise<PasswordHasher> {
  const { memoryKib, passes, concurrency, maxWaiting } = options;
  const limited = createWorkLimiter({ concurrency, maxWaiting });
  // Argon2id is the library's default; a test holds it to that.
  const parameters = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 };
  const hashOfNobody = await hash('the password of nobody', parameters);

  return {
    hash: (password, signal) => limited(() => hash(normalizePassword(password), parameters), signal),
    async verify(password, passwordHash, signal) {
      const matches = await limited(
        () => verify(passwordHash ?? hashOfNobody, normalizePassword(password)),
        signal,
      );
      return matches && passwordHash !== undefined;
    },
  };
}
