import type { TransitionNotifier } from '@chain-processor/events';
import { ExecutionNotFoundError } from '../domain/errors.js';
import { isTerminal, type Execution, type NodeExecution } from '../domain/execution.js';
import type { ExecutionStore } from '../store/execution-store.js';
import type { AttemptPlace, NodeExecutionStore } from '../store/node-execution-store.js';

export interface FollowDependencies {
  readonly executions: ExecutionStore;
  readonly nodeExecutions: NodeExecutionStore;
  readonly notifier: TransitionNotifier;
}

/** A notification can get lost (NATS is never the only place where anything lives), so readers also look this often. */
const POLL_MS = 1_000;

/** Resolves with the execution once it is terminal; rejects when `signal` aborts. The execution goes on regardless. */
export async function waitForEnd(
  { executions, notifier }: FollowDependencies,
  executionId: string,
  signal: AbortSignal,
): Promise<Execution> {
  for await (const _ of changesOf(notifier, executionId, signal)) {
    const execution = await executions.findWithoutInput(executionId);
    if (execution === undefined) throw new ExecutionNotFoundError(executionId);
    if (isTerminal(execution.status)) return execution;
  }
  throw signal.reason;
}

/** One message of a watch: 1 is queued, 2 is started, then one per finished step in order, the last one is terminal. */
export interface WatchUpdate {
  readonly sequence: number;
  readonly execution: Execution;
  readonly step: NodeExecution | undefined;
}

/**
 * Every transition of an execution exactly once and in order, from PostgreSQL, after the given sequence. The numbers are the same
 * in every watch, because they follow from the recorded rows alone. Ends after the terminal one.
 */
export async function* watchExecution(
  { executions, nodeExecutions, notifier }: FollowDependencies,
  { executionId, afterSequence, signal }: { executionId: string; afterSequence: number; signal: AbortSignal },
): AsyncGenerator<WatchUpdate> {
  let nextSequence = 1;
  let seen: AttemptPlace | undefined;

  for await (const _ of changesOf(notifier, executionId, signal)) {
    // In this order: what the status says must be covered by the steps that are read after it.
    const execution = await executions.findWithoutInput(executionId);
    if (execution === undefined) throw new ExecutionNotFoundError(executionId);
    const attempts = await nodeExecutions.list(executionId, { after: seen });
    const isEnded = isTerminal(execution.status);

    const updates: Omit<WatchUpdate, 'sequence'>[] = [];
    if (nextSequence === 1) updates.push({ execution: asOf(execution, 'pending'), step: undefined });
    if (nextSequence <= 2 && execution.startedAt !== undefined) {
      updates.push({ execution: asOf(execution, 'in_progress'), step: undefined });
    }
    for (const [index, attempt] of attempts.entries()) {
      const isLast = index === attempts.length - 1;
      // Whether another attempt follows, or the end, is not known yet: look at it again.
      if (isLast && !attempt.hasOutput && !isEnded) break;
      seen = attempt;
      // One without output that is not the last is followed by another attempt at the same position.
      if (attempt.hasOutput || isLast)
        updates.push({ execution: asOf(execution, 'in_progress'), step: attempt });
    }
    if (isEnded) updates.push({ execution, step: undefined });

    for (const update of updates) {
      const sequence = nextSequence++;
      if (sequence > afterSequence) yield { sequence, ...update };
    }
    if (isEnded) return;
  }
  throw signal.reason;
}

/** The execution as it was when it had that status. */
function asOf(execution: Execution, status: 'pending' | 'in_progress'): Execution {
  const {
    failure: _failure,
    outputText: _outputText,
    completedAt: _completedAt,
    executionTimeMs: _time,
    ...rest
  } = execution;
  return {
    ...rest,
    status,
    startedAt: status === 'pending' ? undefined : execution.startedAt,
    failure: undefined,
    outputText: undefined,
    completedAt: undefined,
    executionTimeMs: undefined,
  };
}

/** Yields at once, then whenever the execution may have changed; ends when `signal` aborts. */
async function* changesOf(
  notifier: TransitionNotifier,
  executionId: string,
  signal: AbortSignal,
): AsyncGenerator<void> {
  let wake: () => void = () => undefined;
  let isChanged = true;
  const changed = () => {
    isChanged = true;
    wake();
  };
  const unsubscribe = notifier.subscribe(executionId, changed);
  const poll = setInterval(changed, POLL_MS);
  signal.addEventListener('abort', changed);
  try {
    while (!signal.aborted) {
      if (isChanged) {
        isChanged = false;
        yield;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    unsubscribe();
    clearInterval(poll);
    signal.removeEventListener('abort', changed);
  }
}
