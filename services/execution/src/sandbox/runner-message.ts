import type { NodeFailureReason, NodeOutcome } from './sandbox.js';

// What host and runner say to each other, one JSON value per frame. The runner imports these types too, so that there is
// one definition; it may import nothing else from here, because only types vanish when Deno strips them.

/** One step of a trip as the runner gets it; its code was sent before, under the same `codeId`. */
export interface StepMessage {
  readonly codeId: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly position: number;
  readonly attempt: number;
  readonly timeoutMs: number;
}

export type HostMessage =
  /** The first one, and only the first. */
  | { readonly type: 'configure'; readonly maxOutputBytes: number; readonly maxIsolates: number }
  | { readonly type: 'load'; readonly codeId: string; readonly moduleUrl: string }
  | { readonly type: 'unload'; readonly codeId: string }
  | {
      readonly type: 'trip';
      readonly tripId: number;
      readonly executionId: string;
      readonly input: string;
      readonly steps: readonly StepMessage[];
    }
  | { readonly type: 'cancel'; readonly tripId: number };

export type RunnerMessage =
  | { readonly type: 'ready' }
  | {
      readonly type: 'step';
      readonly tripId: number;
      readonly index: number;
      readonly outcome: NodeOutcome;
      /** Whether code may still be running that nothing inside the runner can stop. */
      readonly isTainted: boolean;
    }
  /** The answer to a cancel that came while the trip was running: no further step will come. */
  | { readonly type: 'cancelled'; readonly tripId: number; readonly isTainted: boolean };

const FAILURE_REASONS: Record<NodeFailureReason, true> = {
  NODE_TIMEOUT: true,
  NODE_OUT_OF_MEMORY: true,
  NODE_OUTPUT_TOO_LARGE: true,
  NODE_THREW: true,
  NODE_BAD_OUTPUT: true,
  NODE_CRASHED: true,
};

/**
 * Decodes what a runner sent.
 *
 * @throws TypeError when it is no message of the protocol.
 */
export function decodeRunnerMessage(payload: string): RunnerMessage {
  const value: unknown = JSON.parse(payload);
  if (isRecord(value)) {
    const { type, tripId, index, outcome, isTainted } = value;
    if (type === 'ready') return { type };
    if (typeof tripId === 'number' && typeof isTainted === 'boolean') {
      if (type === 'cancelled') return { type, tripId, isTainted };
      if (type === 'step' && typeof index === 'number') {
        return { type, tripId, index, outcome: decodeOutcome(outcome), isTainted };
      }
    }
  }
  throw new TypeError('the runner sent something that is no message of the protocol');
}

function decodeOutcome(value: unknown): NodeOutcome {
  if (isRecord(value) && typeof value['durationMs'] === 'number') {
    const { kind, outputText, reason, message, isTerminal, durationMs } = value;
    if (kind === 'success' && typeof outputText === 'string') return { kind, outputText, durationMs };
    if (
      kind === 'failure' &&
      isFailureReason(reason) &&
      typeof message === 'string' &&
      typeof isTerminal === 'boolean'
    ) {
      return { kind, reason, message, isTerminal, durationMs };
    }
  }
  throw new TypeError('the runner sent something that is no outcome');
}

function isFailureReason(value: unknown): value is NodeFailureReason {
  return typeof value === 'string' && Object.hasOwn(FAILURE_REASONS, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
