import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isExecutable } from '../host/find-executable.js';
import type { ExitStatus } from './exit-status.js';
import { openOutputFile } from './output-file.js';
import { withParentDeathSignal } from './parent-death-signal.js';
import { ProcessFailedError } from './process-failed-error.js';
import { sendSignal } from './send-signal.js';

/** A child process that runs until it is stopped or dies. */
export interface SupervisedProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** The last 20 lines of its output, also after its end. */
  lastOutput(): string;
  /** Stops the process and waits for its end, within the bounds given at the start. Calling it again changes nothing. */
  stop(): Promise<ExitStatus>;
}

export interface StartProcessOptions {
  /** Names the process in errors. */
  readonly name: string;
  /** The program's absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  /** Default: the file system's root. */
  readonly cwd?: string;
  /** Takes standard output and standard error (appended, mode 0600). Default: output is kept only to be quoted in errors. */
  readonly logFile?: string;
  /** Asked until it answers true, which makes the start complete. A rejection fails the start. */
  readonly readyWhen: (process: SupervisedProcess) => boolean | Promise<boolean>;
  /** Default: 30 seconds. */
  readonly readyTimeoutMs?: number;
  /** How long each stop signal may take before the next harder one. */
  readonly stopTimeoutMs: number;
  /** Signals that ask the process to stop, in order; SIGKILL to its whole process group follows. Default: SIGTERM. */
  readonly stopSignals?: readonly NodeJS.Signals[];
  /** Runs the process as this user; only root can. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** Open files that the process gets as descriptors 3, 4, ... The caller may close its own copies once this returns. */
  readonly descriptors?: readonly number[];
  /** Aborting it before the process is ready stops the process and fails the start. */
  readonly signal?: AbortSignal;
}

const DEFAULT_READY_TIMEOUT_MS = 30_000;

/**
 * Starts a process and returns once it is ready.
 *
 * The process leads its own process group, so Ctrl-C in a terminal reaches the launcher alone and the launcher can stop its
 * processes in order. On Linux the kernel passes the first stop signal on when this process dies without stopping it.
 *
 * Fails with ProcessFailedError, which quotes the last output, when the process ends before it is ready or is not ready in
 * time (it is stopped then).
 */
export async function startProcess(options: StartProcessOptions): Promise<SupervisedProcess> {
  options.signal?.throwIfAborted();
  const supervised = await spawnSupervised(options);
  try {
    await waitForReadiness(supervised, options);
  } catch (error) {
    await supervised.stop();
    throw error;
  }
  return supervised;
}

async function spawnSupervised(options: StartProcessOptions): Promise<SupervisedProcess> {
  const { name, env, cwd = '/', runAs, descriptors = [], stopTimeoutMs, stopSignals = ['SIGTERM'] } = options;
  // Checked here because behind `setpriv` a missing program would only be seen as an exit code.
  if (runAs === undefined && !(await isExecutable(options.command))) {
    throw new ProcessFailedError({ name, problem: `${options.command} is not an executable file` });
  }
  const { command, args } = await withParentDeathSignal({
    command: options.command,
    args: options.args,
    signal: stopSignals[0] ?? 'SIGTERM',
  });

  const output = openOutputFile(options.logFile);
  const child = spawn(command, args, {
    env,
    cwd,
    detached: true,
    stdio: ['ignore', output.descriptor, output.descriptor, ...descriptors],
    ...(runAs ?? {}),
  });
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => {
      output.close();
      resolve({ code, signal });
    });
  });
  const pid = await waitForSpawn({ child, name }).catch((error: unknown) => {
    output.close();
    throw error;
  });

  let stopping: Promise<ExitStatus> | undefined;
  return {
    name,
    pid,
    exited,
    lastOutput: () => output.readTail(),
    stop: () => (stopping ??= stopGradually({ child, pid, exited, stopSignals, stopTimeoutMs })),
  };
}

async function waitForSpawn({
  child,
  name,
}: {
  readonly child: ChildProcess;
  readonly name: string;
}): Promise<number> {
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new ProcessFailedError({ name, problem: 'it cannot be started', cause: error });
  }
  // From here on an 'error' event can only mean a signal that could not be delivered; the end is seen by 'exit'.
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new ProcessFailedError({ name, problem: 'it has no process id' });
  return child.pid;
}

async function waitForReadiness(supervised: SupervisedProcess, options: StartProcessOptions): Promise<void> {
  const { name, exited } = supervised;
  const timeoutMs = options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS;
  const deadline = new AbortController();
  const signals = options.signal === undefined ? [] : [options.signal];
  const ended = AbortSignal.any([deadline.signal, ...signals]);

  const tooLate = delay(timeoutMs, undefined, { signal: ended }).then(() => {
    const problem = `it was not ready within ${timeoutMs} ms`;
    throw new ProcessFailedError({ name, problem, lastOutput: supervised.lastOutput() });
  });
  const died = exited.then((status) => {
    const problem = `it ended before it was ready (${describeExit(status)})`;
    throw new ProcessFailedError({ name, problem, lastOutput: supervised.lastOutput(), exitStatus: status });
  });
  const ready = (async () => {
    for (let pauseMs = 10; !ended.aborted; pauseMs = Math.min(pauseMs * 1.5, 200)) {
      if (await options.readyWhen(supervised)) return;
      await delay(pauseMs, undefined, { signal: ended });
    }
  })();
  // The two that lose the race are ended below; what they reject with then is nobody's concern.
  const contenders = [tooLate, died, ready];
  for (const contender of contenders) contender.catch(() => undefined);
  try {
    await Promise.race(contenders);
    options.signal?.throwIfAborted();
  } finally {
    deadline.abort();
  }
}

async function stopGradually({
  child,
  pid,
  exited,
  stopSignals,
  stopTimeoutMs,
}: {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly stopSignals: readonly NodeJS.Signals[];
  readonly stopTimeoutMs: number;
}): Promise<ExitStatus> {
  for (const signal of stopSignals) {
    child.kill(signal);
    const bound = new AbortController();
    const status = await Promise.race([
      exited,
      delay(stopTimeoutMs, undefined, { signal: bound.signal }).catch(() => undefined),
    ]);
    bound.abort();
    if (status !== undefined) return status;
  }
  sendSignal(-pid, 'SIGKILL');
  return exited;
}

function describeExit({ code, signal }: ExitStatus): string {
  return signal ?? `exit code ${code ?? 'unknown'}`;
}
