import { createGroupCommit, type Database } from '@chain-processor/db';
import { invariant, RequestIdReusedError } from '@chain-processor/errors';
import type { DispatchPublisher, OutboxRelay, TransitionNotifier } from '@chain-processor/events';
import type { Execution } from '../domain/execution.js';
import type { StoredPlan } from '../domain/plan.js';
import type { ExecutionStore, NewExecution } from '../store/execution-store.js';
import type { OutboxStore } from '../store/outbox-store.js';

/** What makes a start repeatable. */
export type StartRequest = NonNullable<NewExecution['request']>;

export interface StartExecutionOptions {
  readonly id: string;
  readonly plan: StoredPlan;
  readonly inputText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdById: string;
  readonly request: StartRequest | undefined;
}

export interface StartExecution {
  /**
   * Accepts one execution: when this resolves, the pending row and its queued event are committed (E1), and only then are
   * workers told. A repeat of a request id answers the first execution as it is by now.
   *
   * @throws RequestIdReusedError when the request id came with another request before.
   */
  start(options: StartExecutionOptions): Promise<Execution>;
  /**
   * The execution that an earlier call with this request started, as it is by now.
   *
   * @throws RequestIdReusedError when the request id came with another request.
   */
  findFirst(createdById: string, request: StartRequest): Promise<Execution | undefined>;
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

  const groupCommit = createGroupCommit({
    commit,
    maxItems: MAX_STARTS_PER_COMMIT,
    bytesOf: ({ inputText }: NewExecution) => inputText.length,
  });

  async function findFirst(createdById: string, request: StartRequest): Promise<Execution | undefined> {
    const first = await executions.findByRequest(createdById, request.id);
    if (first !== undefined && !first.requestDigest.equals(request.digest))
      throw new RequestIdReusedError(request.id);
    return first?.execution;
  }

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
      const first = await findFirst(createdById, request);
      invariant(first, `request id ${request.id} refers to no execution`);
      return first;
    },
    findFirst,
    idle: () => groupCommit.idle(),
  };
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
