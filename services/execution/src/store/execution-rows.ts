import { z } from 'zod';
import { ErrorReason, reasonOf } from '@chain-processor/errors';
import type { Claim } from '../domain/claim.js';
import type { Execution, ExecutionFailure, NodeExecution } from '../domain/execution.js';
import type { ChainExecutionModel } from './models/chain-execution-model.js';

/** What a claim statement returns. */
export interface ClaimRow {
  readonly id: string;
  readonly strategy_id: string;
  readonly strategy_revision: number;
  readonly plan_digest: Buffer;
  readonly input_text: string;
  readonly metadata: Record<string, unknown>;
  readonly created_by_id: string;
  readonly started_at: Date;
  readonly version: number;
  readonly event_sequence: number;
}

/** A row of `node_executions` without its texts. */
export interface NodeExecutionRow {
  readonly id: string;
  readonly execution_id: string;
  readonly node_id: string;
  readonly node_revision: number;
  readonly position: number;
  readonly attempt: number;
  readonly status: string;
  readonly has_output: boolean;
  readonly error: string | null;
  readonly error_reason: string | null;
  readonly started_at: Date;
  readonly completed_at: Date;
  readonly execution_time_ms: number;
}

/** The columns that the database types less strictly than the domain; its own constraints keep the promise. */
const executionStatus = z.enum(['pending', 'in_progress', 'success', 'failed', 'cancelled']);
const attemptStatus = z.enum(['success', 'failed']);
const jsonObject = z.record(z.string(), z.unknown());

export function toExecution(row: ChainExecutionModel): Execution {
  return {
    id: row.id,
    strategyId: row.strategyId,
    strategyRevision: row.strategyRevision,
    planDigest: row.planDigest,
    inputText: row.inputText,
    outputText: row.outputText ?? undefined,
    failure: toFailure(row.error, row.errorReason, row.errorPosition),
    status: executionStatus.parse(row.status),
    startedAt: row.startedAt ?? undefined,
    completedAt: row.completedAt ?? undefined,
    executionTimeMs: row.executionTimeMs ?? undefined,
    createdById: row.createdById,
    metadata: jsonObject.parse(row.metadataJson),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}

export function toNodeExecution(row: NodeExecutionRow): NodeExecution {
  return {
    id: row.id,
    executionId: row.execution_id,
    nodeId: row.node_id,
    nodeRevision: row.node_revision,
    position: row.position,
    attempt: row.attempt,
    status: attemptStatus.parse(row.status),
    hasOutput: row.has_output,
    failure: toFailure(row.error, row.error_reason, row.position),
    startedAt: row.started_at,
    completedAt: row.completed_at,
    executionTimeMs: row.execution_time_ms,
  };
}

export function toClaim(
  row: ClaimRow,
  recorded: readonly NodeExecution[] = [],
  reachedText = row.input_text,
): Claim {
  return {
    executionId: row.id,
    strategyId: row.strategy_id,
    strategyRevision: row.strategy_revision,
    planDigest: row.plan_digest,
    inputText: row.input_text,
    metadata: row.metadata,
    createdById: row.created_by_id,
    startedAt: row.started_at,
    version: row.version,
    eventSequence: row.event_sequence,
    recorded,
    reachedText,
  };
}

function toFailure(
  error: string | null,
  reason: string | null,
  position: number | null,
): ExecutionFailure | undefined {
  if (error === null) return undefined;
  return {
    reason: reasonOf(reason ?? '') ?? ErrorReason.INTERNAL,
    message: error,
    position: position ?? undefined,
  };
}
