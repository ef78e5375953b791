import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../host/is-system-error.js';
import type { LogLine } from '../host/log-line.js';
import { listProcesses, type RunningProcess } from '../process/process-table.js';
import { stopLeftovers } from '../process/stop-leftovers.js';

/**
 * The server's `cluster_name`, which PostgreSQL puts into the title of every process that it forks. It is derived from the data
 * directory, so a process can be told to be ours without reading its working folder, which root inside a container may not.
 */
export function clusterNameOf(dataDirectory: string): string {
  return `local-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)}`;
}

/**
 * Stops what an earlier run left on this data directory: a server whose launcher was killed, or the backends of a killed server.
 * Backends count: a new server must not start while one of the old ones may still write.
 */
export async function stopPostgresLeftovers({
  dataDirectory,
  uid,
  log,
}: {
  readonly dataDirectory: string;
  /** The user that the server runs as; a process of anybody else is never touched. */
  readonly uid: number | undefined;
  readonly log: LogLine;
}): Promise<void> {
  const clusterName = clusterNameOf(dataDirectory);
  const isPostmaster = (candidate: RunningProcess) =>
    candidate.commandLine.includes(` cluster_name=${clusterName}`);
  const isBackend = (candidate: RunningProcess) =>
    candidate.commandLine.startsWith(`postgres: ${clusterName}: `);
  await stopLeftovers({
    name: 'PostgreSQL',
    isLeftover: (candidate) => candidate.uid === uid && (isPostmaster(candidate) || isBackend(candidate)),
    signalFor: (leftover, all) => {
      if (isPostmaster(leftover)) return 'SIGINT';
      return all.some(isPostmaster) ? undefined : 'SIGTERM';
    },
    log,
  });
  await removeMisleadingPidFile({ dataDirectory, log });
}

/**
 * After kill -9 or a power cut `postmaster.pid` stays. PostgreSQL copes with that, unless the pid now belongs to another
 * process of the same user (as it easily does in a restarted container) or to a zombie that nobody reaps: then it refuses to
 * start. The file is removed only in these two cases; in every other one PostgreSQL's own check decides.
 */
async function removeMisleadingPidFile({
  dataDirectory,
  log,
}: {
  readonly dataDirectory: string;
  readonly log: LogLine;
}): Promise<void> {
  const path = join(dataDirectory, 'postmaster.pid');
  const pid = await readPid(path);
  if (pid === undefined || !doesExist(pid)) return;
  const holder = (await listProcesses()).find((candidate) => candidate.pid === pid);
  if (holder?.commandLine.includes('postgres') === true) return;
  log(`PostgreSQL: removing ${path}, whose process ${pid} is no PostgreSQL server any more`);
  await rm(path);
}

/** Whether the pid is taken, be it by a zombie. */
function doesExist(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false;
    if (isSystemError(error, 'EPERM')) return true;
    throw error;
  }
}

async function readPid(path: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
