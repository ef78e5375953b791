import { readdir, readFile, stat } from 'node:fs/promises';
import { readHostEnvironment } from '../host/config.js';
import { isSystemError } from '../host/is-system-error.js';
import { runCommand } from './run-command.js';

/** One running process of this machine. */
export interface RunningProcess {
  readonly pid: number;
  readonly uid: number;
  /** Program and arguments joined by spaces, or the title that the process gave itself. */
  readonly commandLine: string;
}

const hasProcFileSystem = process.platform === 'linux';

/** Every process that this user can see. Works without `ps` on Linux, where slim images lack it. */
export async function listProcesses(): Promise<RunningProcess[]> {
  if (!hasProcFileSystem) return listByPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readFromProc(Number(pid))));
  return found.filter((entry) => entry !== undefined);
}

/**
 * What tells a process from a later one with the same pid: the boot and the moment it was started.
 * Undefined when no such process runs (a zombie counts as gone).
 */
export async function readProcessIdentity(pid: number): Promise<string | undefined> {
  if (!hasProcFileSystem) {
    const { exitCode, output } = await runCommand({
      command: 'ps',
      args: ['-o', 'lstart=', '-p', String(pid)],
      env: readHostEnvironment().toolVariables,
    });
    return exitCode === 0 && output.trim() !== '' ? output.trim() : undefined;
  }
  const status = await readUnlessGone(`/proc/${pid}/stat`);
  if (status === undefined) return undefined;
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${bootId.trim()}/${fields[19] ?? ''}`;
}

async function readFromProc(pid: number): Promise<RunningProcess | undefined> {
  const commandLine = await readUnlessGone(`/proc/${pid}/cmdline`);
  // Kernel threads and zombies have an empty command line.
  if (commandLine === undefined || commandLine === '') return undefined;
  try {
    const { uid } = await stat(`/proc/${pid}`);
    return { pid, uid, commandLine: commandLine.replaceAll('\0', ' ').trimEnd() };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

async function readUnlessGone(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

async function listByPs(): Promise<RunningProcess[]> {
  const { output } = await runCommand({
    command: 'ps',
    args: ['-axww', '-o', 'pid=,uid=,command='],
    env: readHostEnvironment().toolVariables,
  });
  return output.split('\n').flatMap((line) => {
    const [, pid, uid, commandLine] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || uid === undefined || commandLine === undefined) return [];
    return [{ pid: Number(pid), uid: Number(uid), commandLine }];
  });
}
