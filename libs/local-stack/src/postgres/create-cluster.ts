import { chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHostEnvironment } from '../host/config.js';
import { isSystemError } from '../host/is-system-error.js';
import { runSuccessfully } from '../process/run-command.js';
import { nameDirectoryFor } from './directory-argument.js';
import type { PostgresAccount } from './postgres-account.js';

/** The role that owns the cluster. */
export const SUPERUSER = 'postgres';

/** Marks a cluster that may be deleted without asking. */
const THROW_AWAY_MARKER = 'THROW_AWAY';

/** What lies in a data directory. */
export interface ExistingCluster {
  readonly majorVersion: string;
  readonly isThrowAway: boolean;
}

/** Looks at a data directory; undefined when there is no cluster in it. */
export async function readExistingCluster(dataDirectory: string): Promise<ExistingCluster | undefined> {
  const majorVersion = await readIfPresent(join(dataDirectory, 'PG_VERSION'));
  if (majorVersion === undefined) return undefined;
  const marker = await readIfPresent(join(dataDirectory, THROW_AWAY_MARKER));
  return { majorVersion: majorVersion.trim(), isThrowAway: marker !== undefined };
}

/**
 * Makes a new cluster in `dataDirectory`, which must not exist or be empty. It appears there in one step: a launcher that is
 * killed on the way leaves no half-made cluster behind.
 *
 * The collation is PostgreSQL's own C.UTF-8, so texts sort the same on every machine, whichever locales it has. Nobody logs in
 * without a password.
 */
export async function createCluster(options: {
  readonly dataDirectory: string;
  readonly binaryFolder: string;
  readonly account: PostgresAccount | undefined;
  readonly password: string;
  readonly isThrowAway: boolean;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const { dataDirectory, binaryFolder, account, isThrowAway, signal } = options;
  const draft = `${dataDirectory}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await giveTo(account, draft);

  const passwordFolder = await mkdtemp(join(tmpdir(), 'chain-processor-initdb-'));
  const directory = await nameDirectoryFor({ account, directory: draft });
  try {
    // The kept password file belongs to the caller; initdb needs one that its own user can read.
    const passwordFile = join(passwordFolder, 'password');
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    await giveTo(account, passwordFile);
    await giveTo(account, passwordFolder);
    await runSuccessfully({
      command: join(binaryFolder, 'bin', 'initdb'),
      args: [
        ...['-D', directory.path, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`],
        ...['--auth-local=reject', '--auth-host=scram-sha-256', '--encoding=UTF8'],
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
        ...(isThrowAway ? ['--no-sync'] : []),
      ],
      env: readHostEnvironment().serverVariables,
      descriptors: directory.descriptors,
      ...(account === undefined ? {} : { runAs: account }),
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await directory.close();
    await rm(passwordFolder, { recursive: true });
  }

  if (isThrowAway) await writeFile(join(draft, THROW_AWAY_MARKER), 'Deleted when its test run ends.\n');
  await rename(draft, dataDirectory);
}

async function giveTo(account: PostgresAccount | undefined, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
