/** One JSON line on standard output, in the form of the services' logs. */
export function logLine(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(
    `${JSON.stringify({ level: 'info', time: new Date().toISOString(), msg: message, ...fields })}\n`,
  );
}

/** Runs a command; a failure goes to standard error with its causes and makes the exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    let link = error;
    while (link instanceof Error) {
      process.stderr.write(`${link.name}: ${link.message}\n`);
      link = link.cause;
    }
    if (link !== undefined) process.stderr.write(`${JSON.stringify(link)}\n`);
    process.exitCode = 1;
  }
}
