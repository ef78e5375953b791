import { editors, readers } from '@chain-processor/auth';
import type { ExecutionServiceDefinition } from '@chain-processor/proto/execution';
import type { MethodPolicies } from '@chain-processor/service-kit';

/** Longest wait of RunExecution; the execution goes on after it. */
export const MAX_RUN_MS = 5 * 60_000;
/** A watch or a bulk stream may follow long chains; clients reconnect and resume. */
const MAX_STREAM_MS = 60 * 60_000;

export const policies: MethodPolicies<ExecutionServiceDefinition> = {
  startExecution: { access: editors },
  runExecution: { access: editors, maxDurationMs: MAX_RUN_MS },
  runExecutions: { access: editors, maxDurationMs: MAX_STREAM_MS },
  getExecution: { access: readers },
  listExecutions: { access: readers },
  listNodeExecutions: { access: readers },
  watchExecution: { access: readers, maxDurationMs: MAX_STREAM_MS },
  cancelExecution: { access: editors },
  rerunExecution: { access: editors },
  tryNode: { access: editors },
  getExecutionStats: { access: readers },
  listExecutionEvents: { access: readers },
};
