import { z } from 'zod';
import { durationToMs, type Duration } from '@chain-processor/proto/duration';
import {
  Durability,
  EventDetail,
  OnError,
  Plan as PlanMessage,
  type PlanNode as NodeMessage,
} from '@chain-processor/proto/catalog';
import { invariant } from '@chain-processor/errors';
import { PlanUnsupportedError } from '../domain/errors.js';
import type { OnError as OnErrorRule, Plan, PlanContent, PlanNode } from '../domain/plan.js';

const nodeLanguage = z.enum(['typescript', 'javascript']);

/**
 * A plan from its stored content.
 *
 * @throws PlanUnsupportedError when this release does not understand it.
 */
export function planOf({ digest, content }: PlanContent): Plan {
  try {
    return toPlan(PlanMessage.fromJSON(JSON.parse(content)));
  } catch (error) {
    throw new PlanUnsupportedError(digest.toString('hex'), error);
  }
}

function toPlan(message: PlanMessage): Plan {
  return {
    strategyId: message.strategyId,
    strategyRevision: message.strategyRevision,
    hasStepEvents: message.eventDetail === EventDetail.STEPS,
    commitsEachStep: message.durability === Durability.STEP,
    nodes: message.nodes.map(toPlanNode),
  };
}

function toPlanNode(node: NodeMessage): PlanNode {
  const { policy } = node;
  invariant(policy, `position ${node.position} of a plan has no policy`);
  const retry = policy.retry;
  return {
    position: node.position,
    nodeId: node.nodeId,
    nodeRevision: node.nodeRevision,
    nodeName: node.nodeName,
    source: node.isBuiltin
      ? { kind: 'builtin', key: node.code }
      : { kind: 'code', ownerId: node.ownerId, language: nodeLanguage.parse(node.language), code: node.code },
    config: node.config ?? {},
    timeoutMs: milliseconds(policy.timeout, `timeout of position ${node.position}`),
    retry:
      retry === undefined
        ? { maxAttempts: 1, initialBackoffMs: 0, maxBackoffMs: 0, multiplier: 1, jitter: 0 }
        : {
            maxAttempts: retry.maxAttempts,
            initialBackoffMs: milliseconds(
              retry.initialBackoff,
              `initial_backoff of position ${node.position}`,
            ),
            maxBackoffMs: milliseconds(retry.maxBackoff, `max_backoff of position ${node.position}`),
            multiplier: retry.multiplier,
            jitter: retry.jitter,
          },
    onError: toOnError(policy.onError, policy.fallbackText),
  };
}

function toOnError(onError: OnError, fallbackText: string): OnErrorRule {
  switch (onError) {
    case OnError.SKIP:
      return { kind: 'skip' };
    case OnError.FALLBACK:
      return { kind: 'fallback', text: fallbackText };
    default:
      return { kind: 'fail' };
  }
}

/** Catalog fills in every default, so that a plan means the same for ever; one that is missing is a fault of its. */
function milliseconds(duration: Duration | undefined, name: string): number {
  invariant(duration, `the ${name} of a plan is not filled in`);
  return durationToMs(duration);
}
