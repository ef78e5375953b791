import type { ErrorReason } from '@chain-processor/errors';
import type { ExecutionFailure, NodeExecution, SettledStep } from './execution.js';
import type { Plan } from './plan.js';

/** What consumers learn about one step when the execution ends. */
export interface StepSummary {
  readonly position: number;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly status: NodeExecution['status'];
  /** From the begin of the first attempt to the end of the last, waits between them included. */
  readonly executionTimeMs: number;
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly failureReason: ErrorReason | undefined;
}

interface EventBase {
  readonly executionId: string;
  readonly strategyId: string;
  readonly strategyRevision: number;
  readonly createdById: string;
  /** Numbers the events of one execution from 1 without gaps (E5). */
  readonly sequence: number;
  readonly time: Date;
}

/** A transition of an execution, as the world hears of it. */
export type ExecutionEvent = EventBase &
  (
    | { readonly kind: 'queued'; readonly planDigest: Buffer; readonly inputTextBytes: number }
    | { readonly kind: 'started' }
    | {
        readonly kind: 'node_succeeded' | 'node_failed';
        readonly nodeName: string;
        readonly step: SettledStep;
      }
    | {
        readonly kind: 'succeeded';
        readonly outputText: string;
        readonly executionTimeMs: number;
        readonly steps: readonly StepSummary[];
      }
    | {
        readonly kind: 'failed';
        readonly failure: ExecutionFailure;
        readonly nodeId: string | undefined;
        readonly executionTimeMs: number;
        readonly steps: readonly StepSummary[];
      }
  );

/** One summary per position that ran, from all recorded attempts in their order. */
export function summarizeSteps(plan: Plan, attempts: readonly NodeExecution[]): StepSummary[] {
  return plan.nodes.flatMap(({ position, nodeName }) => {
    const ofPosition = attempts.filter((attempt) => attempt.position === position);
    const first = ofPosition.at(0);
    const last = ofPosition.at(-1);
    if (first === undefined || last === undefined) return [];
    return {
      position,
      nodeId: last.nodeId,
      nodeName,
      status: last.status,
      executionTimeMs: Math.max(0, last.completedAt.getTime() - first.startedAt.getTime()),
      attempts: ofPosition.length,
      failureReason: last.failure?.reason,
    };
  });
}
