import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { claimDirectory, type DirectoryClaim } from '../host/claim-directory.js';
import { LOOPBACK_HOST } from '../host/find-free-port.js';
import type { LogLine } from '../host/log-line.js';
import { readOrCreateSecret } from '../host/secret-file.js';
import { startOnFreePort } from '../process/start-on-free-port.js';
import type { ExitStatus } from '../process/exit-status.js';
import { createCluster, readExistingCluster, SUPERUSER } from './create-cluster.js';
import { choosePostgresAccount, type PostgresAccount } from './postgres-account.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { stopPostgresLeftovers } from './postgres-leftovers.js';
import { checkLogin, startServer } from './postgres-server.js';
import { shareBinaries } from './shared-binaries.js';

export interface StartPostgresOptions {
  /**
   * The data directory. Beside it lie `<it>.password` (the superuser's, mode 0600), `<it>.log` and, while it is in use,
   * `<it>.owner`.
   */
  readonly dataDirectory: string;
  /** True keeps the data for the next start; false makes a new cluster and deletes it at the stop. */
  readonly persistent: boolean;
  /** Used if it is free. Default: a free port. */
  readonly preferredPort?: number;
  /** False trades safety against a power cut for speed; refused for a persistent cluster. Default: true. */
  readonly fsync?: boolean;
  /** More server settings, e.g. `{ max_connections: '200' }`; they win over this library's. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log: LogLine;
  /** Gives the start up and stops what was started. */
  readonly signal?: AbortSignal;
}

/** A running PostgreSQL server. */
export interface LocalPostgres {
  readonly host: string;
  readonly port: number;
  /** Logs in as the superuser, into the database `postgres`. */
  readonly adminUrl: string;
  /** `18.4` */
  readonly version: string;
  /** The server's first process. */
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason. */
  readonly exited: Promise<ExitStatus>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. Takes at most about a minute. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on 127.0.0.1, making the cluster if there is none. Works as root (see choosePostgresAccount) and as an
 * ordinary user, from any checkout path, and after a crash of the machine, the server or the launcher.
 *
 * Fails with DirectoryInUseError when another living program serves the directory, with ProcessFailedError when the server does
 * not come up, and with an Error that says what to do when the data belongs to another major version or another user.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<LocalPostgres> {
  if (options.persistent && options.fsync === false) {
    throw new Error('A persistent PostgreSQL cluster cannot run with fsync off: a crash would destroy it');
  }
  await mkdir(dirname(options.dataDirectory), { recursive: true });
  const dataDirectory = join(await realpath(dirname(options.dataDirectory)), basename(options.dataDirectory));
  const claim = await claimDirectory(dataDirectory);
  try {
    return await startClaimed({ ...options, dataDirectory }, claim);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function startClaimed(options: StartPostgresOptions, claim: DirectoryClaim): Promise<LocalPostgres> {
  const { dataDirectory, persistent, log } = options;
  const startedAt = performance.now();
  const binaries = await findPostgresBinaries();
  const account = await choosePostgresAccount(dataDirectory);
  await stopPostgresLeftovers({ dataDirectory, uid: account?.uid ?? process.getuid?.(), log });
  const binaryFolder = await shareBinaries({ binaries, account, log });
  const passwordFile = `${dataDirectory}.password`;
  const password = await prepareCluster({ ...options, binaries, binaryFolder, account, passwordFile });

  const { server, port } = await startOnFreePort({
    ...(options.preferredPort === undefined ? {} : { preferredPort: options.preferredPort }),
    start: (candidate) => startServer({ ...options, binaryFolder, account, port: candidate }),
  });
  const adminUrl = `postgres://${SUPERUSER}:${password}@${LOOPBACK_HOST}:${port}/postgres`;
  try {
    await checkLogin({ adminUrl, passwordFile });
  } catch (error) {
    await server.stop();
    throw error;
  }
  log(`PostgreSQL ${binaries.version} is ready on ${LOOPBACK_HOST}:${port} (${secondsSince(startedAt)} s)`);

  const stop = async () => {
    await server.stop();
    if (!persistent) await Promise.all([dataDirectory, passwordFile].map(removeTree));
    await claim.release();
  };
  let stopping: Promise<void> | undefined;
  return {
    host: LOOPBACK_HOST,
    port,
    adminUrl,
    version: binaries.version,
    pid: server.pid,
    exited: server.exited,
    stop: () => (stopping ??= stop()),
  };
}

/** Sees to it that a cluster of the right kind exists; returns the superuser's password. */
async function prepareCluster(
  options: StartPostgresOptions & {
    readonly binaries: PostgresBinaries;
    readonly binaryFolder: string;
    readonly account: PostgresAccount | undefined;
    readonly passwordFile: string;
  },
): Promise<string> {
  const { dataDirectory, persistent, binaries, log } = options;
  const existing = await readExistingCluster(dataDirectory);
  if (existing?.isThrowAway === persistent) {
    throw new Error(
      persistent
        ? `${dataDirectory} holds a throw-away cluster of a test run. Use another directory, or delete it.`
        : `${dataDirectory} holds a cluster that is meant to be kept; a throw-away cluster needs another directory.`,
    );
  }
  if (existing !== undefined && persistent) {
    if (existing.majorVersion === binaries.majorVersion) return readOrCreateSecret(options.passwordFile);
    throw new Error(
      `${dataDirectory} was made by PostgreSQL ${existing.majorVersion}, and the installed one is ${binaries.version}. ` +
        'To keep the data, dump it with the old version and load it into the new one; otherwise delete the directory.',
    );
  }
  if (existing !== undefined) await removeTree(dataDirectory);
  log(`PostgreSQL: creating a new cluster in ${dataDirectory}`);
  const password = await readOrCreateSecret(options.passwordFile);
  await createCluster({
    dataDirectory,
    binaryFolder: options.binaryFolder,
    account: options.account,
    password,
    isThrowAway: !persistent,
    signal: options.signal,
  });
  return password;
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
