import { z } from 'zod';
import { Secret, integer, postgresUrl, readConfig, serverConfigShape } from '@chain-processor/service-kit';
import { emailSchema } from './domain/email.js';
import { passwordFault } from './domain/password.js';

const ENCRYPTION_KEY_BYTES = 32;

const encryptionKey = z
  .base64({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be base64') })
  .transform((text, context) => {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== ENCRYPTION_KEY_BYTES) {
      context.addIssue(
        `must be base64 of ${ENCRYPTION_KEY_BYTES} bytes; make one with: openssl rand -base64 32`,
      );
    }
    return new Secret<Uint8Array>(bytes);
  });

function hasWholeAdmin(config: {
  BOOTSTRAP_ADMIN_EMAIL?: unknown;
  BOOTSTRAP_ADMIN_PASSWORD?: unknown;
}): boolean {
  return (config.BOOTSTRAP_ADMIN_EMAIL === undefined) === (config.BOOTSTRAP_ADMIN_PASSWORD === undefined);
}

const identityConfigSchema = z
  .object({
    ...serverConfigShape,
    DATABASE_URL: postgresUrl().describe('Connection URL of the identity database. Required; a secret.'),
    DATABASE_POOL_MAX: integer({ min: 1, max: 1_000 })
      .default(10)
      .describe('Most database connections of this process at a time.'),
    TOKEN_ISSUER: z
      .string()
      .default('chain-processor')
      .describe('`iss` of access tokens; the same in every service.'),
    TOKEN_AUDIENCE: z
      .string()
      .default('chain-processor')
      .describe('`aud` of access tokens; the same in every service.'),
    ACCESS_TOKEN_TTL_S: integer({ min: 1, max: 900 })
      .default(600)
      .describe('How long an access token is valid, in seconds; it cannot be revoked before.'),
    SIGNING_KEY_ENCRYPTION_KEY: encryptionKey.describe(
      'Encrypts the private signing keys in the database: 32 bytes in base64. Required; a secret; the same in all replicas.',
    ),
    BOOTSTRAP_ADMIN_EMAIL: emailSchema
      .optional()
      .describe('The first superuser, made when there is none. Default: none is made.'),
    BOOTSTRAP_ADMIN_PASSWORD: z
      .string()
      .transform((text) => new Secret(text))
      .optional()
      .describe('Password of the first superuser; used once, at its creation. A secret.'),
    PASSWORD_HASH_MEMORY_KIB: integer({ min: 19_456, max: 1_048_576 })
      .default(19_456)
      .describe('Memory of one argon2id hash, in KiB.'),
    PASSWORD_HASH_PASSES: integer({ min: 2, max: 100 })
      .default(2)
      .describe('Passes of one argon2id hash over its memory.'),
    PASSWORD_HASH_CONCURRENCY: integer({ min: 1, max: 128 })
      .default(2)
      .describe(
        'Hashes at a time; keep it below UV_THREADPOOL_SIZE (4 unless set), whose threads they occupy.',
      ),
    PASSWORD_HASH_MAX_WAITING: integer({ min: 0, max: 10_000 })
      .default(100)
      .describe('Log-ins that may wait for their hash; further ones get RESOURCE_EXHAUSTED.'),
  })
  .refine(hasWholeAdmin, {
    path: ['BOOTSTRAP_ADMIN_EMAIL'],
    error: 'must be set together with BOOTSTRAP_ADMIN_PASSWORD, or neither',
    // Also when other variables have faults, so that all are reported at once.
    when: () => true,
  })
  .superRefine(({ BOOTSTRAP_ADMIN_EMAIL: adminEmail, BOOTSTRAP_ADMIN_PASSWORD: password }, context) => {
    if (adminEmail === undefined || password === undefined) return;
    const fault = passwordFault(password.reveal(), adminEmail);
    if (fault !== undefined)
      context.addIssue({ code: 'custom', message: fault, path: ['BOOTSTRAP_ADMIN_PASSWORD'] });
  });

export type IdentityConfig = Readonly<z.output<typeof identityConfigSchema>>;

/** @throws ConfigError with every fault. */
export function loadIdentityConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): IdentityConfig {
  return readConfig(identityConfigSchema, environment);
}
