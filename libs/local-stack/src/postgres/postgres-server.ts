import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { readHostEnvironment } from '../host/config.js';
import { LOOPBACK_HOST } from '../host/find-free-port.js';
import { isSystemError } from '../host/is-system-error.js';
import { startProcess, type SupervisedProcess } from '../process/start-process.js';
import { nameDirectoryFor } from './directory-argument.js';
import type { PostgresAccount } from './postgres-account.js';
import { clusterNameOf } from './postgres-leftovers.js';

/** Recovery after a crash replays the write-ahead log before the server answers. */
const READY_TIMEOUT_MS = 60_000;
/** A fast shutdown writes a checkpoint. */
const STOP_TIMEOUT_MS = 20_000;

/** Starts the server on an existing cluster and waits until it accepts connections. */
export async function startServer(options: {
  readonly dataDirectory: string;
  readonly binaryFolder: string;
  readonly account: PostgresAccount | undefined;
  readonly port: number;
  readonly fsync?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}): Promise<SupervisedProcess> {
  const { dataDirectory, binaryFolder, account, port, fsync = true } = options;
  const directory = await nameDirectoryFor({ account, directory: dataDirectory });
  const settings: Record<string, string> = {
    listen_addresses: LOOPBACK_HOST,
    port: String(port),
    // No Unix socket: its path has a length limit that a deep checkout exceeds, and nothing here needs one.
    unix_socket_directories: '',
    cluster_name: clusterNameOf(dataDirectory),
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  try {
    return await startProcess({
      name: 'PostgreSQL',
      command: join(binaryFolder, 'bin', 'postgres'),
      args: [
        '-D',
        directory.path,
        ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      env: readHostEnvironment().serverVariables,
      logFile: `${dataDirectory}.log`,
      readyWhen: ({ pid }) => hasReportedReady({ dataDirectory, pid }),
      readyTimeoutMs: READY_TIMEOUT_MS,
      // Fast shutdown, then immediate shutdown.
      stopSignals: ['SIGINT', 'SIGQUIT'],
      stopTimeoutMs: STOP_TIMEOUT_MS,
      descriptors: directory.descriptors,
      ...(account === undefined ? {} : { runAs: account }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } finally {
    await directory.close();
  }
}

/**
 * Whether this very server, not one that happens to listen on the same port, says in its pid file that it accepts connections:
 * line 1 is the pid and line 8 the state, as `pg_ctl --wait` reads it.
 */
async function hasReportedReady({
  dataDirectory,
  pid,
}: {
  readonly dataDirectory: string;
  readonly pid: number;
}): Promise<boolean> {
  try {
    const lines = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Logs in once: the server may be up with another password than the kept one. */
export async function checkLogin({
  adminUrl,
  passwordFile,
}: {
  readonly adminUrl: string;
  readonly passwordFile: string;
}): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '28P01')) throw error;
    throw new Error(
      `The password in ${passwordFile} is not the one of this cluster. Restore the file, or delete the data directory.`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
}
