import type { ExecutionEvent } from './execution-event.js';
import type { ExecutionFailure, SettledStep } from './execution.js';

/** What a worker wants recorded of one execution, in one transaction. */
export interface Settlement {
  readonly executionId: string;
  /** The claim's version (E3). */
  readonly version: number;
  readonly steps: readonly SettledStep[];
  /** Absent while the chain goes on. */
  readonly end?: SettledEnd | undefined;
  readonly events: readonly ExecutionEvent[];
}

/** The terminal state of an execution. */
export interface SettledEnd {
  readonly completedAt: Date;
  readonly executionTimeMs: number;
  readonly result:
    | { readonly status: 'success'; readonly outputText: string }
    | { readonly status: 'failed'; readonly failure: ExecutionFailure };
}
