import type { ExecutionEvent } from './execution-event.js';
import type { ExecutionFailure, NodeExecution, NodeExecutionTexts } from './execution.js';

/** An attempt to be recorded, with its texts. */
export type SettledStep = NodeExecution & NodeExecutionTexts;

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
