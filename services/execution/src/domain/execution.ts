import { type ErrorReason } from '@chain-processor/errors';

/** The customer's status strings. The last three are terminal and never change (E2). */
export type ExecutionStatus = 'pending' | 'in_progress' | 'success' | 'failed' | 'cancelled';

/** Why an execution or an attempt failed. */
export interface ExecutionFailure {
  readonly reason: ErrorReason;
  /** For people: names the position and the node, at most {@link MAX_FAILURE_BYTES} bytes, without host paths. */
  readonly message: string;
  /** The position to blame, if one is. */
  readonly position: number | undefined;
}

/** One run of a strategy on one text. */
export interface Execution {
  readonly id: string;
  readonly strategyId: string;
  readonly strategyRevision: number;
  readonly planDigest: Buffer;
  readonly inputText: string;
  readonly outputText: string | undefined;
  readonly failure: ExecutionFailure | undefined;
  readonly status: ExecutionStatus;
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
  readonly executionTimeMs: number | undefined;
  readonly createdById: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

/** One recorded attempt at one position, without its texts, each of which can be a megabyte. */
export interface NodeExecution {
  readonly id: string;
  readonly executionId: string;
  readonly nodeId: string;
  readonly nodeRevision: number;
  readonly position: number;
  readonly attempt: number;
  readonly status: Extract<ExecutionStatus, 'success' | 'failed'>;
  /** Whether the chain went on from here: after a success, and after a failure that the policy passed over. */
  readonly hasOutput: boolean;
  readonly failure: ExecutionFailure | undefined;
  readonly startedAt: Date;
  readonly completedAt: Date;
  readonly executionTimeMs: number;
}

/** The texts of an attempt. */
export interface NodeExecutionTexts {
  readonly inputText: string;
  /** On success what the node returned; on a failure that was passed over, the text that went on instead. */
  readonly outputText: string | undefined;
}

/** An attempt to be recorded, with its texts. */
export type SettledStep = NodeExecution & NodeExecutionTexts;

/** Error texts are cut here, in bytes of UTF-8. */
export const MAX_FAILURE_BYTES = 8_192;

export function isTerminal(status: ExecutionStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'cancelled';
}

/** Cuts a failure's message at {@link MAX_FAILURE_BYTES}, between characters, and makes it storable. */
export function failureMessage(message: string): string {
  const storable = message.replaceAll('\0', '\uFFFD').toWellFormed();
  const bytes = Buffer.from(storable, 'utf8');
  if (bytes.length <= MAX_FAILURE_BYTES) return storable;
  // Streaming keeps back an unfinished character at the cut instead of replacing it.
  return new TextDecoder().decode(bytes.subarray(0, MAX_FAILURE_BYTES - 3), { stream: true }) + '…';
}
