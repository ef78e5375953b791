import { randomUUID } from 'node:crypto';
import { chmod, copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a cached nats-server lies in its folder. */
export function cachedProgramIn(targetFolder: string): string {
  return join(targetFolder, 'nats-server');
}

/** Puts a program into the cache in one step, so that no other launcher runs half of it. */
export async function installProgram({
  source,
  targetFolder,
}: {
  readonly source: string;
  readonly targetFolder: string;
}): Promise<string> {
  const target = cachedProgramIn(targetFolder);
  const draft = `${target}.${randomUUID()}`;
  await copyFile(source, draft);
  await chmod(draft, 0o755);
  await rename(draft, target);
  return target;
}
