import type { LauncherConfig } from './config.js';
import { startStack, type LocalStack } from './stack.js';
import { removeStackFile, stackFileIn, writeStackFile, type StackDescription } from './stack-file.js';
import { INTERRUPTED_EXIT_CODE, type StopRequest } from './stop-request.js';
import type { Terminal } from './terminal.js';

/**
 * Brings the stack up, lets `use` work with it, and stops it, whatever happens. Rejects when the stack does not come up, when one
 * of its processes ends unexpectedly, or when `use` rejects. A second Ctrl-C while it stops ends everything at once.
 */
export async function withStack<Result>(
  {
    config,
    stop,
    terminal,
  }: { readonly config: LauncherConfig; readonly stop: StopRequest; readonly terminal: Terminal },
  use: (stack: StackDescription) => Promise<Result>,
): Promise<Result> {
  const directory = config.LOCAL_DIRECTORY;
  const stack = await startStack({
    directory,
    adminEmail: config.BOOTSTRAP_ADMIN_EMAIL,
    adminPassword: config.ADMIN_PASSWORD,
    serviceEnv: { PATH: config.PATH, TMPDIR: config.TMPDIR, LOG_LEVEL: config.LOG_LEVEL },
    log: (line) => terminal.line(line),
    signal: stop.signal,
  });
  stop.onImpatience(() => {
    terminal.error('Ending everything at once.');
    stack.forceStop();
    process.exit(INTERRUPTED_EXIT_CODE);
  });
  try {
    const description = stack.describe();
    await writeStackFile(directory, description);
    printAdmin({ stack, directory, terminal });
    return await Promise.race([use(description), rejectWhenFailed(stack)]);
  } finally {
    terminal.line('Stopping ...');
    try {
      await removeStackFile(directory);
    } finally {
      await stack.stop();
    }
    terminal.line(`Stopped. The data is kept in ${directory}`);
  }
}

async function rejectWhenFailed(stack: LocalStack): Promise<never> {
  throw await stack.failed;
}

function printAdmin({
  stack,
  directory,
  terminal,
}: {
  readonly stack: LocalStack;
  readonly directory: string;
  readonly terminal: Terminal;
}): void {
  const { email, password } = stack.describe().admin;
  const where = stackFileIn(directory);
  terminal.line(
    stack.isAdminPasswordNew
      ? `Admin: ${email} with password ${password} (shown this once; scripts find it in ${where})`
      : `Admin: ${email}, whose password is in ${where}`,
  );
}
