import { AppError, ErrorReason, Status } from '@chain-processor/errors';

/** There is no process to run user code in. The fault is the host's, never the node's. */
export class SandboxUnavailableError extends AppError {
  readonly code = Status.UNAVAILABLE;
  readonly reason = ErrorReason.SANDBOX_UNAVAILABLE;

  /** @param problem what is missing or failed and what to do, without a path of the host: a clause for the message. */
  constructor(problem: string, cause?: unknown) {
    super(`node code cannot be run: ${problem}`, { retryDelayMs: 1_000, cause });
  }
}
