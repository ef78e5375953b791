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
    for (let link = error; link !== undefined; link = link instanceof Error ? link.cause : undefined) {
      process.stderr.write(`${link instanceof Error ? `${link.name}: ${link.message}` : String(link)}\n`);
    }
    process.exitCode = 1;
  }
}
