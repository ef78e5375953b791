import { spawn } from 'node:child_process';

/** How a command that ran to its end is described. */
export interface CommandResult {
  /** Null when a signal ended the command. */
  readonly exitCode: number | null;
  /** What it wrote to standard output and standard error, in the order of arrival. */
  readonly output: string;
}

export interface RunCommandOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Default: the file system's root, so that a command run as another user does not meet a folder closed to it. */
  readonly cwd?: string;
  /** Runs the command as this user; only root can. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** Open files that the command gets as descriptors 3, 4, ... */
  readonly descriptors?: readonly number[];
  /** Ends the command when it takes longer. Default: 2 minutes. */
  readonly timeoutMs?: number;
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal;
}

/** Runs a command to its end. Rejects only when it cannot be started or is aborted, never for its exit code. */
export function runCommand({
  command,
  args,
  env,
  cwd = '/',
  runAs,
  descriptors = [],
  timeoutMs = 120_000,
  signal,
}: RunCommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(runAs ?? {}),
      ...(signal === undefined ? {} : { signal }),
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Runs a command that must succeed; returns its output, and puts that output into the error when it fails. */
export async function runSuccessfully(options: RunCommandOptions): Promise<string> {
  const { exitCode, output } = await runCommand(options);
  if (exitCode === 0) return output;
  throw new Error(
    `${[options.command, ...options.args].join(' ')} ended with ${exitCode ?? 'a signal'}:\n${output.trim()}`,
  );
}
