import { findBuiltinNode } from '@chain-processor/builtin-nodes';
import { AppError, ErrorReason } from '@chain-processor/errors';
import type { NodeOutcome } from '../domain/attempt.js';
import type { PlanNode } from '../domain/plan.js';
import { textFault } from '../domain/text.js';

/** Runs a builtin node here in the worker. Its failures are final: the same text and config would fail again. */
export function runBuiltin(key: string, { config }: PlanNode, inputText: string): NodeOutcome {
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  const failure = (reason: ErrorReason, message: string): NodeOutcome => ({
    kind: 'failure',
    reason,
    message,
    isTerminal: true,
    durationMs: elapsedMs(),
  });

  const builtin = findBuiltinNode(key);
  if (builtin === undefined) {
    return failure(ErrorReason.NODE_NOT_FOUND_BUILTIN, `this release has no builtin node "${key}"`);
  }
  try {
    const outputText = builtin.run(inputText, config);
    const fault = textFault(outputText);
    if (fault !== undefined) return failure(ErrorReason.NODE_BAD_OUTPUT, `the output ${fault}`);
    return { kind: 'success', outputText, durationMs: elapsedMs() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failure(error.reason, error.message);
  }
}
