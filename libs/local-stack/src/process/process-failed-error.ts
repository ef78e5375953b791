import type { ExitStatus } from './exit-status.js';

/** A supervised process could not be started, ended early or was not ready in time. */
export class ProcessFailedError extends Error {
  override readonly name = 'ProcessFailedError';
  /** The name that the process was started under. */
  readonly processName: string;
  /** Its last lines of output; empty when it never ran. */
  readonly lastOutput: string;
  /** How it ended; undefined when it never ran or still ran. */
  readonly exitStatus: ExitStatus | undefined;

  constructor(options: {
    readonly name: string;
    readonly problem: string;
    readonly lastOutput?: string;
    readonly exitStatus?: ExitStatus;
    readonly cause?: unknown;
  }) {
    const { name, problem, lastOutput = '' } = options;
    super(`${name} failed: ${problem}${lastOutput === '' ? '' : `. Its last output:\n${lastOutput}`}`, {
      cause: options.cause,
    });
    this.processName = name;
    this.lastOutput = lastOutput;
    this.exitStatus = options.exitStatus;
  }
}
