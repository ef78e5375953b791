import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for one test, closed to other users: under root PostgreSQL's user cannot walk into it. */
export async function makeTemporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'local-stack-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
