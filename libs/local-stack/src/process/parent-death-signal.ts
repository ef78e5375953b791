import { readHostEnvironment } from '../host/config.js';
import { findExecutable } from '../host/find-executable.js';
import { runCommand } from './run-command.js';

let setprivPath: Promise<string | undefined> | undefined;

/**
 * Rewrites a command so that the kernel sends it `signal` when the process that starts it dies, however it dies: the one
 * protection against orphans that also works for kill -9. Linux only (`setpriv` of util-linux); elsewhere, and where `setpriv`
 * is missing or is busybox's, the command stays as it is and leftovers are stopped at the next start.
 * `setpriv` replaces itself by the command, so the pid does not change.
 */
export async function withParentDeathSignal({
  command,
  args,
  signal,
}: {
  readonly command: string;
  readonly args: readonly string[];
  readonly signal: NodeJS.Signals;
}): Promise<{ readonly command: string; readonly args: readonly string[] }> {
  setprivPath ??= findSetpriv();
  const setpriv = await setprivPath;
  if (setpriv === undefined) return { command, args };
  return { command: setpriv, args: ['--pdeathsig', signal.replace(/^SIG/, ''), command, ...args] };
}

async function findSetpriv(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { executableFolders, toolVariables } = readHostEnvironment();
  const path = await findExecutable({ name: 'setpriv', folders: executableFolders });
  if (path === undefined) return undefined;
  const { exitCode } = await runCommand({
    command: path,
    args: ['--pdeathsig', 'TERM', 'true'],
    env: toolVariables,
  });
  return exitCode === 0 ? path : undefined;
}
