import type { ErrorReason } from '@chain-processor/errors';
import { failureMessage, type ExecutionFailure } from './execution.js';
import type { PlanNode } from './plan.js';
import { backoffMs } from './retry-policy.js';

/** How running a node once ended, whether in the worker or in the sandbox. */
export type NodeOutcome =
  | { readonly kind: 'success'; readonly outputText: string; readonly durationMs: number }
  | {
      readonly kind: 'failure';
      readonly reason: ErrorReason;
      /** For people, without host paths. */
      readonly message: string;
      /** Another attempt is useless: the node said so itself, or the result can only be the same. */
      readonly isTerminal: boolean;
      readonly durationMs: number;
    };

/** One attempt at one position, as it ended. */
export interface Attempt {
  readonly node: PlanNode;
  /** 1 for the first. */
  readonly number: number;
  readonly inputText: string;
  readonly completedAt: Date;
  readonly outcome: NodeOutcome;
}

/** What follows an attempt. */
export type NextStep =
  | { readonly kind: 'next_position'; readonly inputText: string }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'fail'; readonly failure: ExecutionFailure };

/**
 * What follows an attempt, by the policy of its position: the next position, another attempt, or the end of the chain.
 *
 * @param random between 0 (included) and 1 (excluded), for the jitter of the wait.
 */
export function nextStep({ node, number, inputText, outcome }: Attempt, random: number): NextStep {
  if (outcome.kind === 'success') return { kind: 'next_position', inputText: outcome.outputText };
  const delayMs = backoffMs(node.retry, { attempt: number, isFinal: outcome.isTerminal }, random);
  if (delayMs !== undefined) return { kind: 'retry', delayMs };
  switch (node.onError.kind) {
    case 'skip':
      return { kind: 'next_position', inputText };
    case 'fallback':
      return { kind: 'next_position', inputText: node.onError.text };
    case 'fail':
      return { kind: 'fail', failure: failureOf(node, outcome) };
  }
}

/** Why an attempt failed, as it is recorded. */
export function failureOf(
  node: PlanNode,
  outcome: Extract<NodeOutcome, { kind: 'failure' }>,
): ExecutionFailure {
  return {
    reason: outcome.reason,
    message: failureMessage(`position ${node.position} (${node.nodeName}): ${outcome.message}`),
    position: node.position,
  };
}
