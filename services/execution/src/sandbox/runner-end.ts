import type { NodeFailureReason } from './sandbox.js';

/** Why a runner process is gone. */
export type RunnerEnd =
  /** It was not needed any more. */
  | { readonly kind: 'closed' }
  /** What it held passed a limit: V8's own heap limit, which ends the process from inside, or ours on the whole process. */
  | { readonly kind: 'memory'; readonly limit: 'heap' | 'resident' }
  /** Anything else; the detail is for the log and may name paths. */
  | { readonly kind: 'crash'; readonly detail: string };

/**
 * Whether V8 gave up at its heap limit. It dies of a trap then, for which Deno has no exit code of its own, so its words on
 * stderr are all there is. User code cannot write there.
 */
export function tellsOutOfHeap(stderr: string): boolean {
  return /Fatal (JavaScript|process) out of memory/.test(stderr);
}

/** An end that nobody ordered, for the log. */
export function describeExit(exit: {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
}): string {
  const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
  return `ended ${how}: ${exit.stderrTail.trim()}`;
}

/** What a step that was running in the process is told. `otherSteps` ran beside it, so any of them may be to blame. */
export function failureOfEnd(
  end: Exclude<RunnerEnd, { kind: 'closed' }>,
  limits: { readonly heapMiB: number; readonly maxResidentMiB: number; readonly otherSteps: number },
): { readonly reason: NodeFailureReason; readonly message: string } {
  const { heapMiB, maxResidentMiB, otherSteps } = limits;
  const shared =
    otherSteps === 0
      ? ''
      : `; ${otherSteps} other steps of the same owner ran in that process and may be the cause`;
  if (end.kind === 'crash') {
    return { reason: 'NODE_CRASHED', message: `the process that ran the node ended unexpectedly${shared}` };
  }
  const limit =
    end.limit === 'heap' ? `the heap limit of ${heapMiB} MiB` : `the memory limit of ${maxResidentMiB} MiB`;
  return {
    reason: 'NODE_OUT_OF_MEMORY',
    message: `the process that ran the node passed ${limit}${shared}; keep less text and fewer buffers at a time`,
  };
}
