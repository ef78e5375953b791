import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isSystemError } from './is-system-error.js';

/**
 * The secret kept in `path`, made on the first call: 192 random bits in the URL-safe alphabet, readable by its owner only.
 * Whoever may read the file may log in, which is the point: the stack's own processes and its developer, no other local user.
 */
export async function readOrCreateSecret(path: string): Promise<string> {
  try {
    await writeFile(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
  const secret = (await readFile(path, 'utf8')).trim();
  if (!/^[\w-]{16,}$/.test(secret)) {
    throw new Error(
      `${path} does not hold a password of this program. Delete it together with the data beside it.`,
    );
  }
  return secret;
}
