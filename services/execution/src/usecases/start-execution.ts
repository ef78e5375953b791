import type { Database } from '@chain-processor/db';
import {
  ConflictRetryError,
  DependencyUnavailableError,
  invariant,
  RequestIdReusedError,
} from '@chain-processor/errors';
import type { DispatchPublisher, OutboxRelay, TransitionNotifier } from '@chain-processor/events';
import type { Execution } from '../domain/execution.js';
import type { StoredPlan } from '../domain/plan.js';
import type { ExecutionStore, NewExecution } from '../store/execution-store.js';
import type { OutboxStore } from '../store/outbox-store.js';
import { createGroupCommit } from './group-commit.js';

export interface StartExecutionOptions {
  readonly id: string;
  readonly plan: StoredPlan;
  readonly inputText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdById: string;
  readonly request: NewExecution['request'];
}

export interface StartExecution {
  /**
   * Accepts one execution: when this resolves, the pending row and its queued event are committed (E1), and only then are
   * workers told. A repeat of a request id answers the first execution as it is by now.
   *
   * @throws RequestIdReusedError when the request id came with another request before.
   */
  start(options: StartExecutionOptions): Promise<Execution>;
  /** Resolves when no start is in flight. */
  idle(): Promise<void>;
}

export interface StartExecutionDependencies {
  readonly database: Database;
  readonly executions: ExecutionStore;
  readonly outbox: OutboxStore;
  readonly relay: OutboxRelay;
  readonly dispatch: DispatchPublisher;
  readonly notifier: TransitionNotifier;
  readonly now: () => Date;
}

const MAX_STARTS_PER_COMMIT = 256;

/** Starts share commits: all that are ready at one moment go out as one transaction. */
export function createStartExecution(dependencies: StartExecutionDependencies): StartExecution {
  const { database, executions, outbox, relay, dispatch, notifier, now } = dependencies;

  async function commit(starts: readonly NewExecution[]): Promise<readonly boolean[]> {
    const { inserted, row } = await database.transaction(async (transaction) => {
      const insertedIds = await executions.insertPending(starts, transaction);
      const accepted = starts.filter(({ id }) => insertedIds.has(id));
      const events = accepted.map((start) => queuedEvent(start));
      return {
        inserted: insertedIds,
        row: events.length > 0 ? await outbox.append(events, transaction) : undefined,
      };
    });
    if (row !== undefined) {
      relay.publish([row]);
      // A hint, nothing more: workers also poll. It never rejects, and nobody waits for it.
      void dispatch.publish([...inserted]);
      notifier.notify([...inserted]);
    }
    return starts.map(({ id }) => inserted.has(id));
  }

  const groupCommit = createGroupCommit({ commit, isSharedFault, maxItems: MAX_STARTS_PER_COMMIT });

  return {
    async start({ id, plan, inputText, metadata, createdById, request }) {
      const createdAt = now();
      const start: NewExecution = {
        id,
        strategyId: plan.plan.strategyId,
        strategyRevision: plan.plan.strategyRevision,
        planDigest: plan.digest,
        inputText,
        metadata,
        createdById,
        createdAt,
        request,
      };
      if (await groupCommit.submit(start)) return acceptedExecution(start);
      invariant(request, `execution ${id} was not inserted and has no request id`);
      const first = await executions.findByRequest(createdById, request.id);
      invariant(first, `request id ${request.id} refers to no execution`);
      if (!first.requestDigest.equals(request.digest)) throw new RequestIdReusedError(request.id);
      return first.execution;
    },
    idle: () => groupCommit.idle(),
  };
}

/** Such failures say nothing about any one item of a group. */
export function isSharedFault(error: unknown): boolean {
  return error instanceof DependencyUnavailableError || error instanceof ConflictRetryError;
}

function queuedEvent(start: NewExecution) {
  return {
    kind: 'queued' as const,
    executionId: start.id,
    strategyId: start.strategyId,
    strategyRevision: start.strategyRevision,
    createdById: start.createdById,
    sequence: 1,
    time: start.createdAt,
    planDigest: start.planDigest,
    inputTextBytes: Buffer.byteLength(start.inputText, 'utf8'),
  };
}

function acceptedExecution(start: NewExecution): Execution {
  return {
    id: start.id,
    strategyId: start.strategyId,
    strategyRevision: start.strategyRevision,
    planDigest: start.planDigest,
    inputText: start.inputText,
    outputText: undefined,
    failure: undefined,
    status: 'pending',
    startedAt: undefined,
    completedAt: undefined,
    executionTimeMs: undefined,
    createdById: start.createdById,
    metadata: start.metadata,
    createdAt: start.createdAt,
    updatedAt: start.createdAt,
    version: 1,
  };
}
