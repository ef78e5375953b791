import { RpcError } from '@chain-processor/client';
import { DirectoryInUseError } from '@chain-processor/local-stack';
import { loadLauncherConfig, type LauncherConfig } from './config.js';
import { describeError } from './describe-error.js';
import { INTERRUPTED_EXIT_CODE, listenForStop, type StopRequest } from './stop-request.js';
import { openTerminal, type Terminal } from './terminal.js';

/** What the demo runs when it is not told otherwise. */
export const DEMO_TEXT = 'Hello, big World!';

export interface LauncherContext {
  readonly config: LauncherConfig;
  readonly stop: StopRequest;
  readonly terminal: Terminal;
}

/**
 * The life of a launcher process. Exit codes: 0 when `run` resolves, 130 when a signal cut it short, 1 when it failed, with the
 * reason on standard error.
 */
export async function runLauncher(run: (context: LauncherContext) => Promise<void>): Promise<void> {
  const terminal = openTerminal();
  process.exitCode = await exitCodeOf(run, terminal);
  // A handle that somebody forgot must not keep a finished launcher alive; exiting only after the output has left.
  process.stdout.write('', () => process.exit());
}

async function exitCodeOf(
  run: (context: LauncherContext) => Promise<void>,
  terminal: Terminal,
): Promise<number> {
  let stop: StopRequest | undefined;
  try {
    const config = loadLauncherConfig();
    stop = listenForStop({ followsParent: config.npm_lifecycle_event !== undefined });
    await run({ config, stop, terminal });
    return 0;
  } catch (error) {
    const isAbort = error instanceof Error && error.name === 'AbortError';
    if (isAbort && stop?.signal.aborted === true) return INTERRUPTED_EXIT_CODE;
    terminal.error(`\n${describeError(error)}${adviceOn(error)}`);
    return 1;
  }
}

function adviceOn(error: unknown): string {
  if (error instanceof DirectoryInUseError) {
    return '\nThe system is up already, or on its way up or down. "npm run demo" uses the one that is up.';
  }
  if (error instanceof RpcError && error.reason === 'CREDENTIALS_INVALID') {
    return (
      '\nThe admin of this data was made by an earlier start, with the password of that time. ' +
      'Give it as ADMIN_PASSWORD, or leave ADMIN_PASSWORD out to use the kept one.'
    );
  }
  return '';
}
