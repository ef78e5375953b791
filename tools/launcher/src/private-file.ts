import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/**
 * Writes a JSON file that only its owner can read. It is there whole or not at all, and on disk when this returns, so that no
 * data can outlive the key that it was encrypted with.
 */
export async function writePrivateJson(path: string, content: object): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    // The mode above counts only for a file that did not exist.
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Reads such a file; undefined when it does not exist. Fails when it does not hold what `schema` says. */
export async function readPrivateJson<Content>(
  path: string,
  schema: z.ZodType<Content>,
): Promise<Content | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${path} is damaged or was written by another release`, { cause: error });
  }
}
