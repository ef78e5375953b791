/**
 * Every statement on `chain_executions`. The hot ones (insert, claim, settle) take whole batches as bound
 * arrays, one statement for any number of executions; rows that a batch cannot change are missing from the answer, never an error.
 */
import { literal, type ProjectionAlias } from 'sequelize';
import type { Database, Transaction } from '@chain-processor/db';
import { invariant, reasonName } from '@chain-processor/errors';
import type { Claim } from '../domain/claim.js';
import type { Execution } from '../domain/execution.js';
import type { Settlement } from '../domain/settlement.js';
import { toClaim, toExecution, type ClaimRow } from './execution-rows.js';
import { ChainExecutionModel } from './models/chain-execution-model.js';
import type { NodeExecutionStore } from './node-execution-store.js';

/** An execution to be accepted. */
export interface NewExecution {
  readonly id: string;
  readonly strategyId: string;
  readonly strategyRevision: number;
  readonly planDigest: Buffer;
  readonly inputText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdById: string;
  readonly createdAt: Date;
  readonly request: { readonly id: string; readonly digest: Buffer } | undefined;
}

/** An execution that a `request_id` led to before. */
export interface RequestedExecution {
  readonly execution: Execution;
  readonly requestDigest: Buffer;
}

const CLAIM_COLUMNS = `
  id, strategy_id, strategy_revision, plan_digest, input_text, metadata, created_by_id, started_at, version, event_sequence`;

const WITHOUT_INPUT = {
  attributes: { include: [[literal(`''`), 'inputText']] satisfies ProjectionAlias[], exclude: ['inputText'] },
};

export type ExecutionStore = ReturnType<typeof createExecutionStore>;

export function createExecutionStore({
  database,
  nodeExecutions,
}: {
  database: Database;
  nodeExecutions: NodeExecutionStore;
}) {
  const executions = database.sequelize.getRepository(ChainExecutionModel);

  return {
    /** Inserts as pending, with event 1 counted. Answers the ids that were new: the others' `request_id` was used before. */
    async insertPending(starts: readonly NewExecution[], transaction: Transaction): Promise<Set<string>> {
      const rows = await database.query<{ id: string }>(
        `insert into chain_executions
           (id, strategy_id, strategy_revision, plan_digest, input_text, metadata, created_by_id, created_at, updated_at,
            request_id, request_digest, event_sequence)
         select id, strategy_id, strategy_revision, plan_digest, input_text, metadata::jsonb, created_by_id, created_at,
                created_at, request_id, request_digest, 1
         from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bytea[], $5::text[], $6::text[], $7::uuid[], $8::timestamptz[],
                     $9::uuid[], $10::bytea[])
              as new (id, strategy_id, strategy_revision, plan_digest, input_text, metadata, created_by_id, created_at,
                      request_id, request_digest)
         on conflict (created_by_id, request_id) where request_id is not null do nothing
         returning id`,
        {
          transaction,
          bind: [
            starts.map(({ id }) => id),
            starts.map(({ strategyId }) => strategyId),
            starts.map(({ strategyRevision }) => strategyRevision),
            starts.map(({ planDigest }) => planDigest),
            starts.map(({ inputText }) => inputText),
            starts.map(({ metadata }) => JSON.stringify(metadata)),
            starts.map(({ createdById }) => createdById),
            starts.map(({ createdAt }) => createdAt),
            starts.map(({ request }) => request?.id ?? null),
            starts.map(({ request }) => request?.digest ?? null),
          ],
        },
      );
      return new Set(rows.map(({ id }) => id));
    },

    async findById(id: string): Promise<Execution | undefined> {
      const row = await executions.findByPk(id);
      return row === null ? undefined : toExecution(row);
    },

    /** Like {@link findById} with an empty input text: it can be a megabyte, and followers do not need it. */
    async findWithoutInput(id: string): Promise<Execution | undefined> {
      const row = await executions.findByPk(id, WITHOUT_INPUT);
      return row === null ? undefined : toExecution(row);
    },

    async findByRequest(createdById: string, requestId: string): Promise<RequestedExecution | undefined> {
      const row = await executions.findOne({ ...WITHOUT_INPUT, where: { createdById, requestId } });
      if (row === null) return undefined;
      invariant(row.requestDigest, `execution ${row.id} has a request id and no digest`);
      return { execution: toExecution(row), requestDigest: row.requestDigest };
    },

    /**
     * Claims pending executions, oldest first: these if `ids` are given, else any. What another worker is claiming at this
     * moment is skipped, and what is no longer pending is not there (deliver twice, run once). Counts the started event.
     */
    async claimPending(
      { ids, workerId, limit, now }: { ids?: readonly string[]; workerId: string; limit: number; now: Date },
      transaction: Transaction,
    ): Promise<Claim[]> {
      const rows = await database.query<ClaimRow>(
        `update chain_executions
         set status = 'in_progress', version = version + 1, worker_id = $1, started_at = $2, updated_at = $2,
             event_sequence = event_sequence + 1
         where id in (
           select id from chain_executions
           where status = 'pending' ${ids === undefined ? '' : 'and id = any($4::uuid[])'}
           order by id limit $3 for update skip locked)
         returning ${CLAIM_COLUMNS}`,
        { transaction, bind: [workerId, now, limit, ...(ids === undefined ? [] : [ids])] },
      );
      return rows.map((row) => toClaim(row));
    },

    /**
     * Claims executions whose worker has fallen silent for the lease time or is gone, and those of this worker that are
     * not among `keptIds`. Who is silent is for PostgreSQL's clock to say, never for a worker's (E7). The new version shuts the
     * old claim out (E3).
     */
    async claimAbandoned(
      {
        workerId,
        keptIds,
        leaseMs,
        limit,
        now,
      }: { workerId: string; keptIds: readonly string[]; leaseMs: number; limit: number; now: Date },
      transaction: Transaction,
    ): Promise<Claim[]> {
      const rows = await database.query<ClaimRow>(
        `update chain_executions
         set version = version + 1, worker_id = $1, updated_at = $2
         where id in (
           select id from chain_executions as abandoned
           where status = 'in_progress' and case
             when worker_id = $1 then id <> all($5::uuid[])
             else not exists (
               select 1 from workers
               where workers.id = abandoned.worker_id
                 and workers.heartbeat_at > clock_timestamp() - make_interval(secs => $3 / 1000.0))
             end
           order by id limit $4 for update skip locked)
         returning ${CLAIM_COLUMNS}`,
        { transaction, bind: [workerId, now, leaseMs, limit, keptIds] },
      );
      if (rows.length === 0) return [];
      const ids = rows.map(({ id }) => id);
      const recorded = await nodeExecutions.listOf(ids, transaction);
      const reachedTexts = await nodeExecutions.findReachedTexts(ids, transaction);
      return rows.map((row) => toClaim(row, recorded.get(row.id), reachedTexts.get(row.id)));
    },

    /**
     * Writes what workers have done, for every settlement whose claim still holds (E3); answers those. A terminal status is
     * never left again (E2), because only rows in progress are touched.
     */
    async settle(
      settlements: readonly Settlement[],
      now: Date,
      transaction: Transaction,
    ): Promise<Settlement[]> {
      const ends = settlements.map(({ end }) => end);
      const rows = await database.query<{ id: string; version: number }>(
        `update chain_executions as execution
         set status = coalesce(settled.status, execution.status), output_text = settled.output_text, error = settled.error,
             error_reason = settled.error_reason, error_position = settled.error_position,
             completed_at = settled.completed_at, execution_time_ms = settled.execution_time_ms, updated_at = $11,
             event_sequence = execution.event_sequence + settled.event_count,
             version = execution.version + case when settled.status is null then 0 else 1 end
         from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::timestamptz[],
                     $9::int[], $10::int[])
              as settled (id, version, status, output_text, error, error_reason, error_position, completed_at,
                          execution_time_ms, event_count)
         where execution.id = settled.id and execution.version = settled.version and execution.status = 'in_progress'
         returning settled.id, settled.version`,
        {
          transaction,
          bind: [
            settlements.map(({ executionId }) => executionId),
            settlements.map(({ version }) => version),
            ends.map((end) => end?.result.status ?? null),
            ends.map((end) => (end?.result.status === 'success' ? end.result.outputText : null)),
            ends.map((end) => (end?.result.status === 'failed' ? end.result.failure.message : null)),
            ends.map((end) =>
              end?.result.status === 'failed' ? reasonName(end.result.failure.reason) : null,
            ),
            ends.map((end) =>
              end?.result.status === 'failed' ? (end.result.failure.position ?? null) : null,
            ),
            ends.map((end) => end?.completedAt ?? null),
            ends.map((end) => end?.executionTimeMs ?? null),
            settlements.map(({ events }) => events.length),
            now,
          ],
        },
      );
      const held = new Map(rows.map(({ id, version }) => [id, version]));
      return settlements.filter(({ executionId, version }) => held.get(executionId) === version);
    },
  };
}
