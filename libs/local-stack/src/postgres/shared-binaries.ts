import { chmod, cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine } from '../host/log-line.js';
import { isSystemError } from '../host/is-system-error.js';
import { canReach, type PostgresAccount } from './postgres-account.js';
import type { PostgresBinaries } from './postgres-binaries.js';

/** Writable for root only and open to everybody, which no temporary folder is: a program in it cannot be planted. */
const SHARED_CACHE = '/var/cache/chain-processor';

/**
 * The folder with PostgreSQL's programs, such that `account` can run them. That is the installed one, unless the checkout lies
 * under a folder closed to other users (a checkout below /root, started by root); then it is a copy of 60 MB under /var/cache,
 * made once per build. It may be deleted at any time.
 */
export async function shareBinaries({
  binaries,
  account,
  log,
}: {
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount | undefined;
  readonly log: LogLine;
}): Promise<string> {
  if (account === undefined || (await canRun(account, binaries.folder))) return binaries.folder;

  const copy = join(SHARED_CACHE, `postgresql-${binaries.build}`);
  if (await canRun(account, copy)) return copy;
  log(`PostgreSQL: copying its programs to ${copy}, because its user cannot enter ${binaries.folder}`);
  await mkdir(SHARED_CACHE, { recursive: true });
  await chmod(SHARED_CACHE, 0o755);
  const draft = `${copy}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await cp(binaries.folder, draft, { recursive: true, dereference: true });
  await openToEverybody(draft);
  await rm(copy, { recursive: true, force: true });
  try {
    await rename(draft, copy);
  } catch (error) {
    // Another launcher was faster; its copy is as good.
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(draft, { recursive: true, force: true });
  }
  if (await canRun(account, copy)) return copy;
  throw new Error(
    `The user with id ${account.uid} can run PostgreSQL neither from ${binaries.folder} nor from ${copy}. ` +
      'Move the checkout to a folder that every user may enter, or start as an ordinary user.',
  );
}

async function canRun(account: PostgresAccount, folder: string): Promise<boolean> {
  const programs = ['initdb', 'postgres'].map((program) => join(folder, 'bin', program));
  const reachable = await Promise.all(
    [...programs, join(folder, 'lib'), join(folder, 'share')].map((path) => canReach(account, path)),
  );
  return reachable.every((isReachable) => isReachable);
}

/** Root's umask may have closed the installed files; the copies must be readable. */
async function openToEverybody(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToEverybody(path);
    else await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
