import { literal, Op, type ProjectionAlias, type WhereOptions } from 'sequelize';
import type { Database, Transaction } from '@chain-processor/db';
import { reasonName } from '@chain-processor/errors';
import type { NodeExecution, NodeExecutionTexts, SettledStep } from '../domain/execution.js';
import { toNodeExecution, type NodeExecutionRow } from './execution-rows.js';
import { NodeExecutionModel } from './models/node-execution-model.js';

/** A place in the order of attempts. */
export interface AttemptPlace {
  readonly position: number;
  readonly attempt: number;
}

/** An attempt with the size of its texts, for those who fill a page. */
export type SizedNodeExecution = NodeExecution & { readonly textBytes: number };

export type NodeExecutionStore = ReturnType<typeof createNodeExecutionStore>;

/** Every statement on `node_executions`. Texts are read only where they are asked for: each can be a megabyte. */
export function createNodeExecutionStore({ database }: { database: Database }) {
  const nodeExecutions = database.sequelize.getRepository(NodeExecutionModel);
  type SizedRow = NodeExecutionRow & { readonly text_bytes: number };

  function select(
    where: WhereOptions<NodeExecutionModel>,
    options: { limit?: number; transaction?: Transaction } = {},
  ) {
    const rows: Promise<unknown[]> = nodeExecutions.findAll({
      attributes: COLUMNS,
      where,
      order: [
        ['executionId', 'asc'],
        ['position', 'asc'],
        ['attempt', 'asc'],
      ],
      raw: true,
      ...options,
    });
    return rows as Promise<SizedRow[]>;
  }

  return {
    /** The attempts of an execution by position and attempt, after the given place. */
    async list(
      executionId: string,
      { after, limit }: { after?: AttemptPlace | undefined; limit?: number } = {},
    ): Promise<SizedNodeExecution[]> {
      const rest =
        after === undefined
          ? {}
          : {
              [Op.or]: [
                { position: { [Op.gt]: after.position } },
                { position: after.position, attempt: { [Op.gt]: after.attempt } },
              ],
            };
      const rows = await select({ executionId, ...rest }, limit === undefined ? {} : { limit });
      return rows.map((row) => ({ ...toNodeExecution(row), textBytes: row.text_bytes }));
    },

    /** The attempts of these executions, by execution. */
    async listOf(
      executionIds: readonly string[],
      transaction: Transaction,
    ): Promise<Map<string, NodeExecution[]>> {
      const byExecution = new Map<string, NodeExecution[]>();
      for (const row of await select({ executionId: [...executionIds] }, { transaction })) {
        const attempts = byExecution.get(row.execution_id) ?? [];
        attempts.push(toNodeExecution(row));
        byExecution.set(row.execution_id, attempts);
      }
      return byExecution;
    },

    /** The output of the last position that has one, by execution. */
    async findReachedTexts(
      executionIds: readonly string[],
      transaction: Transaction,
    ): Promise<Map<string, string>> {
      const rows = await database.query<{ execution_id: string; output_text: string }>(
        `select distinct on (execution_id) execution_id, output_text from node_executions
         where execution_id = any($1::uuid[]) and output_text is not null
         order by execution_id, position desc`,
        { transaction, bind: [executionIds] },
      );
      return new Map(rows.map((row) => [row.execution_id, row.output_text]));
    },

    /** The texts of these attempts, by id. */
    async findTexts(ids: readonly string[]): Promise<Map<string, NodeExecutionTexts>> {
      const rows = await nodeExecutions.findAll({
        attributes: ['id', 'inputText', 'outputText'],
        where: { id: [...ids] },
      });
      return new Map(
        rows.map(({ id, inputText, outputText }) => [id, { inputText, outputText: outputText ?? undefined }]),
      );
    },

    /** Records attempts. The unique indexes refuse a second success at a position (E4). */
    async insert(steps: readonly SettledStep[], transaction: Transaction): Promise<void> {
      await database.query(
        `insert into node_executions
           (id, execution_id, node_id, node_revision, position, attempt, status, input_text, output_text, error, error_reason,
            started_at, completed_at, execution_time_ms)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[],
                              $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::int[])`,
        {
          transaction,
          bind: [
            steps.map(({ id }) => id),
            steps.map(({ executionId }) => executionId),
            steps.map(({ nodeId }) => nodeId),
            steps.map(({ nodeRevision }) => nodeRevision),
            steps.map(({ position }) => position),
            steps.map(({ attempt }) => attempt),
            steps.map(({ status }) => status),
            steps.map(({ inputText }) => inputText),
            steps.map(({ outputText }) => outputText ?? null),
            steps.map(({ failure }) => failure?.message ?? null),
            steps.map(({ failure }) => (failure === undefined ? null : reasonName(failure.reason))),
            steps.map(({ startedAt }) => startedAt),
            steps.map(({ completedAt }) => completedAt),
            steps.map(({ executionTimeMs }) => executionTimeMs),
          ],
        },
      );
    },
  };
}

/** Under the names of {@link NodeExecutionRow}. */
const COLUMNS: (string | ProjectionAlias)[] = [
  'id',
  ['execution_id', 'execution_id'],
  ['node_id', 'node_id'],
  ['node_revision', 'node_revision'],
  'position',
  'attempt',
  'status',
  [literal('output_text is not null'), 'has_output'],
  [literal('octet_length(input_text) + coalesce(octet_length(output_text), 0)'), 'text_bytes'],
  'error',
  ['error_reason', 'error_reason'],
  ['started_at', 'started_at'],
  ['completed_at', 'completed_at'],
  ['execution_time_ms', 'execution_time_ms'],
];
