import { z } from 'zod';
import { ErrorReason, invariant, reasonName } from '@chain-processor/errors';
import type { Claim } from '../domain/claim.js';
import type { Execution, ExecutionFailure, NodeExecution } from '../domain/execution.js';
import type { ChainExecutionModel } from './models/chain-execution-model.js';
import type { NodeExecutionModel } from './models/node-execution-model.js';

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

/** The columns that the database types less strictly than the domain; its own constraints keep the promise. */
const executionStatus = z.enum(['pending', 'in_progress', 'success', 'failed', 'cancelled']);
const attemptStatus = z.enum(['success', 'failed']);
const jsonObject = z.record(z.string(), z.unknown());

const reasons = new Map<string, ErrorReason>(
  Object.values(ErrorReason).map((reason) => [reasonName(reason), reason]),
);

export function toExecution(row: ChainExecutionModel): Execution {
  return {
    id: row.id,
    strategyId: row.strategyId,
    strategyRevision: row.strategyRevision,
    planDigest: row.planDigest,
    inputText: row.inputText,
    outputText: row.outputText ?? undefined,
    failure: toFailure(row, row.errorPosition),
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

export function toNodeExecution(row: NodeExecutionModel): NodeExecution {
  invariant(row.startedAt && row.completedAt, `node execution ${row.id} is recorded without its times`);
  return {
    id: row.id,
    executionId: row.executionId,
    nodeId: row.nodeId,
    nodeRevision: row.nodeRevision,
    position: row.position,
    attempt: row.attempt,
    status: attemptStatus.parse(row.status),
    inputText: row.inputText,
    outputText: row.outputText ?? undefined,
    failure: toFailure(row, row.position),
    startedAt: row.startedAt,
    completedAt: row.completedAt,
    executionTimeMs: row.executionTimeMs ?? 0,
  };
}

export function toClaim(row: ClaimRow, recorded: readonly NodeExecution[]): Claim {
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
  };
}

function toFailure(
  row: { readonly error: string | null; readonly errorReason: string | null },
  position: number | null,
): ExecutionFailure | undefined {
  if (row.error === null) return undefined;
  return {
    reason: reasons.get(row.errorReason ?? '') ?? ErrorReason.INTERNAL,
    message: row.error,
    position: position ?? undefined,
  };
}
