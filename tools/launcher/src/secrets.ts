import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateJson, writePrivateJson } from './private-file.js';

const secretsSchema = z.object({
  /** 32 bytes in base64. Without it identity cannot open the signing keys in its database. */
  signingKeyEncryptionKey: z.string(),
  adminPassword: z.string(),
  databasePasswords: z.object({ identity: z.string(), catalog: z.string(), execution: z.string() }),
});

/** What must be the same at every start on the same data. */
export type LocalSecrets = z.infer<typeof secretsSchema>;

/**
 * The secrets kept in `directory`, made at the first start. Whoever calls this holds the claim on the PostgreSQL beside them, so
 * no other start can make them at the same time.
 */
export async function ensureSecrets({
  directory,
  adminPassword,
}: {
  readonly directory: string;
  /** Kept as the admin's if this is the first start. Default: a random one. */
  readonly adminPassword: string | undefined;
}): Promise<{ readonly secrets: LocalSecrets; readonly isAdminPasswordNew: boolean }> {
  const path = join(directory, 'secrets.json');
  const existing = await readPrivateJson(path, secretsSchema);
  if (existing !== undefined) return { secrets: existing, isAdminPasswordNew: false };
  const secrets: LocalSecrets = {
    signingKeyEncryptionKey: randomBytes(32).toString('base64'),
    adminPassword: adminPassword ?? randomText(),
    databasePasswords: { identity: randomText(), catalog: randomText(), execution: randomText() },
  };
  await writePrivateJson(path, secrets);
  return { secrets, isAdminPasswordNew: adminPassword === undefined };
}

/** 144 random bits in the URL-safe alphabet. */
function randomText(): string {
  return randomBytes(18).toString('base64url');
}
