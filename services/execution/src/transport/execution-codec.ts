import { z } from 'zod';
import { reasonName } from '@chain-processor/errors';
import { durationFromMs } from '@chain-processor/proto/duration';
import {
  ExecutionStatus,
  type Execution as ExecutionMessage,
  type ExecutionError,
  type ListNodeExecutionsRequest,
  type NodeExecution as NodeExecutionMessage,
  type RunExecutionRequest,
  type StartExecutionRequest,
  type WatchExecutionRequest,
  type WatchExecutionResponse,
} from '@chain-processor/proto/execution';
import {
  decodePageToken,
  decodeRequest,
  encodePageToken,
  jsonObject,
  pageSize,
  requestId,
  resourceId,
} from '@chain-processor/service-kit';
import type { Execution, ExecutionFailure, NodeExecution, NodeExecutionTexts } from '../domain/execution.js';
import { textFault } from '../domain/text.js';
import type { SizedNodeExecution } from '../store/node-execution-store.js';
import type { WatchUpdate } from '../usecases/follow-execution.js';

const MAX_METADATA_BYTES = 16_384;
const PLAN_DIGEST_BYTES = 32;

const inputText = z.string().superRefine((text, context) => {
  const fault = text === '' ? 'must not be empty; send 1 byte to 1 MiB of UTF-8' : textFault(text);
  if (fault !== undefined) context.addIssue(fault);
});

const metadata = jsonObject({ maxBytes: MAX_METADATA_BYTES });

const startSchema = z
  .object({
    strategyId: resourceId(),
    inputText,
    metadata,
    requestId: requestId(),
    strategyRevision: z.int().min(1, 'must be 1 or more').optional(),
    planDigest: z
      .instanceof(Uint8Array)
      .refine((digest) => digest.length === PLAN_DIGEST_BYTES, `must have ${PLAN_DIGEST_BYTES} bytes`)
      .transform((digest) => Buffer.from(digest))
      .optional(),
  })
  .refine(({ strategyRevision, planDigest }) => strategyRevision === undefined || planDigest === undefined, {
    path: ['planDigest'],
    error: 'must not be set together with strategy_revision',
  });

const executionIdSchema = z.object({ executionId: resourceId() });
const watchSchema = z.object({ executionId: resourceId(), afterSequence: z.int().min(0) });

/** What StartExecution and RunExecution ask for. */
export type StartCommand = z.output<typeof startSchema>;

/** @throws FieldInvalidError with all violations. */
export function decodeStart(request: StartExecutionRequest | RunExecutionRequest): StartCommand {
  return decodeRequest(startSchema, request);
}

/** @throws FieldInvalidError */
export function decodeExecutionId(request: { readonly executionId: string }): string {
  return decodeRequest(executionIdSchema, request).executionId;
}

/** @throws FieldInvalidError */
export function decodeWatch(request: WatchExecutionRequest): z.output<typeof watchSchema> {
  return decodeRequest(watchSchema, request);
}

/** Where a page of attempts begins: after this one. */
const placeSchema = z.object({ position: z.int().min(1), attempt: z.int().min(1) });

const listSchema = z.object({
  executionId: resourceId(),
  pageSize: pageSize(),
  pageToken: z.string(),
  includeTexts: z.boolean(),
});

const listOf = ({ executionId, includeTexts }: { executionId: string; includeTexts: boolean }) => ({
  method: 'ListNodeExecutions',
  executionId,
  includeTexts,
});

/** @throws FieldInvalidError, PageTokenInvalidError */
export function decodeListNodeExecutions(request: ListNodeExecutionsRequest) {
  const list = decodeRequest(listSchema, request);
  return { ...list, after: decodePageToken(listOf(list), list.pageToken, placeSchema) };
}

/** Texts of at most this many bytes go into one page, so that it stays below the largest message. */
const MAX_PAGE_TEXT_BYTES = 3 * 1_048_576;

/** The attempts that fit one page, out of one more than the page may have. */
export function fitPage(
  list: ReturnType<typeof decodeListNodeExecutions>,
  found: readonly SizedNodeExecution[],
): { readonly page: readonly NodeExecution[]; readonly nextPageToken: string } {
  let textBytes = 0;
  const end = found.findIndex((step, index) => {
    textBytes += step.textBytes;
    return index === list.pageSize || (list.includeTexts && index > 0 && textBytes > MAX_PAGE_TEXT_BYTES);
  });
  if (end === -1) return { page: found, nextPageToken: '' };
  const page = found.slice(0, end);
  const last = page.at(-1);
  return {
    page,
    nextPageToken: encodePageToken(listOf(list), last && { position: last.position, attempt: last.attempt }),
  };
}

/** Which of an execution's texts go into an answer; each can be a megabyte. */
export interface IncludedTexts {
  readonly input?: boolean;
  readonly output?: boolean;
}

const statuses = {
  pending: ExecutionStatus.PENDING,
  in_progress: ExecutionStatus.IN_PROGRESS,
  success: ExecutionStatus.SUCCESS,
  failed: ExecutionStatus.FAILED,
  cancelled: ExecutionStatus.CANCELLED,
} satisfies Record<Execution['status'], ExecutionStatus>;

export function encodeExecution(execution: Execution, texts: IncludedTexts = {}): ExecutionMessage {
  const { failure, executionTimeMs } = execution;
  return {
    id: execution.id,
    strategyId: execution.strategyId,
    strategyRevision: execution.strategyRevision,
    planDigest: execution.planDigest,
    inputText: texts.input === true ? execution.inputText : '',
    outputText: texts.output === true ? (execution.outputText ?? '') : '',
    error: failure && encodeFailure(failure, ''),
    status: statuses[execution.status],
    startTime: execution.startedAt,
    endTime: execution.completedAt,
    executionTime: executionTimeMs === undefined ? undefined : durationFromMs(executionTimeMs),
    createdById: execution.createdById,
    metadata: { ...execution.metadata },
    createTime: execution.createdAt,
    updateTime: execution.updatedAt,
    version: execution.version,
    etag: `v${execution.version}`,
    rerunOfId: '',
    firstPosition: 1,
  };
}

export function encodeNodeExecution(step: NodeExecution, texts?: NodeExecutionTexts): NodeExecutionMessage {
  return {
    id: step.id,
    executionId: step.executionId,
    nodeId: step.nodeId,
    nodeRevision: step.nodeRevision,
    position: step.position,
    attempt: step.attempt,
    inputText: texts?.inputText ?? '',
    outputText: texts?.outputText ?? '',
    error: step.failure && encodeFailure(step.failure, step.nodeId),
    status: statuses[step.status],
    startTime: step.startedAt,
    endTime: step.completedAt,
    executionTime: durationFromMs(step.executionTimeMs),
    metadata: {},
  };
}

export function encodeWatchUpdate({ sequence, execution, step }: WatchUpdate): WatchExecutionResponse {
  return {
    sequence,
    execution: encodeExecution(execution, { output: true }),
    nodeExecution: step && encodeNodeExecution(step),
  };
}

function encodeFailure(failure: ExecutionFailure, nodeId: string): ExecutionError {
  return {
    reason: reasonName(failure.reason),
    message: failure.message,
    position: failure.position ?? 0,
    nodeId,
  };
}
