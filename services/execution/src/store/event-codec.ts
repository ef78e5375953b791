import { eventId, eventSubject, eventType, type ChainEvent } from '@chain-processor/events';
import { reasonName } from '@chain-processor/errors';
import { durationFromMs } from '@chain-processor/proto/duration';
import {
  ExecutionFailed,
  ExecutionQueued,
  ExecutionStarted,
  ExecutionSucceeded,
  NodeFailed,
  NodeSucceeded,
  StepStatus,
  type ExecutionFailure as FailureMessage,
  type StepSummary as StepSummaryMessage,
} from '@chain-processor/proto/events';
import type { ExecutionFailure } from '../domain/execution.js';
import type { ExecutionEvent, StepSummary } from '../domain/execution-event.js';

/** Larger texts stay out of events; the event says so, and GetExecution has them. In bytes of UTF-8. */
const MAX_EVENT_TEXT_BYTES = 32_768;

/** An event as the outbox stores it and NATS carries it. */
export function toChainEvent(event: ExecutionEvent): ChainEvent {
  return {
    id: eventId(event.executionId, event.sequence),
    subject: eventSubject('execution', event.kind, event.strategyId),
    type: eventType('execution', event.kind),
    source: `/chainprocessor/execution/executions/${event.executionId}`,
    time: event.time.toISOString(),
    sequence: event.sequence,
    data: dataOf(event),
  };
}

/** The proto3 JSON of the event's message. */
function dataOf(event: ExecutionEvent): Record<string, unknown> {
  const base = {
    executionId: event.executionId,
    strategyId: event.strategyId,
    strategyRevision: event.strategyRevision,
    createdById: event.createdById,
    sequence: event.sequence,
    occurTime: event.time,
  };
  switch (event.kind) {
    case 'queued': {
      const { planDigest, inputTextBytes } = event;
      return json(ExecutionQueued.toJSON({ ...base, planDigest, inputTextBytes, rerunOfId: '' }));
    }
    case 'started':
      return json(ExecutionStarted.toJSON(base));
    case 'node_succeeded':
    case 'node_failed':
      return stepData(base, event);
    case 'succeeded':
      return json(
        ExecutionSucceeded.toJSON({
          ...base,
          executionTime: durationFromMs(event.executionTimeMs),
          ...textOf(event.outputText),
          steps: event.steps.map(toStepSummary),
        }),
      );
    case 'failed':
      return json(
        ExecutionFailed.toJSON({
          ...base,
          executionTime: durationFromMs(event.executionTimeMs),
          error: toFailure(event.failure, event.nodeId),
          steps: event.steps.map(toStepSummary),
        }),
      );
  }
}

function stepData(
  base: ExecutionStarted,
  { step, nodeName }: Extract<ExecutionEvent, { kind: 'node_succeeded' | 'node_failed' }>,
): Record<string, unknown> {
  const data = {
    ...base,
    position: step.position,
    nodeId: step.nodeId,
    nodeRevision: step.nodeRevision,
    nodeName,
    attempt: step.attempt,
    executionTime: durationFromMs(step.executionTimeMs),
  };
  if (step.failure === undefined)
    return json(NodeSucceeded.toJSON({ ...data, ...textOf(step.outputText ?? '') }));
  const error = toFailure(step.failure, step.nodeId);
  return json(NodeFailed.toJSON({ ...data, error, isPassedOver: step.outputText !== undefined }));
}

function textOf(text: string): { outputText: string; outputTextOmitted: boolean } {
  const isOmitted = Buffer.byteLength(text, 'utf8') > MAX_EVENT_TEXT_BYTES;
  return { outputText: isOmitted ? '' : text, outputTextOmitted: isOmitted };
}

function toFailure(failure: ExecutionFailure, nodeId: string | undefined): FailureMessage {
  return {
    reason: reasonName(failure.reason),
    message: failure.message,
    position: failure.position ?? 0,
    nodeId: nodeId ?? '',
  };
}

function toStepSummary(step: StepSummary): StepSummaryMessage {
  return {
    position: step.position,
    nodeId: step.nodeId,
    nodeName: step.nodeName,
    status: step.status === 'success' ? StepStatus.SUCCESS : StepStatus.FAILED,
    executionTime: durationFromMs(step.executionTimeMs),
    attempts: step.attempts,
    errorReason: step.failureReason === undefined ? '' : reasonName(step.failureReason),
  };
}

/** ts-proto types the JSON of every message as unknown; that of a message is an object. */
function json(value: unknown): Record<string, unknown> {
  return value as Record<string, unknown>;
}
