import type { Database, Transaction } from '@chain-processor/db';
import type { Plan, StoredPlan } from '../domain/plan.js';
import { planOf } from './plan-content.js';

interface PlanRow {
  readonly digest: Buffer;
  readonly content: string;
}

export type PlanStore = ReturnType<typeof createPlanStore>;

/** Plans are immutable and content-addressed: a row is written once and never changed. */
export function createPlanStore({ database }: { database: Database }) {
  const toStoredPlan = ({ digest, content }: PlanRow): StoredPlan => ({
    digest,
    content,
    plan: planOf(content),
  });

  return {
    /** Keeps a plan, once. */
    async insert({ digest, content }: PlanRow): Promise<StoredPlan> {
      const plan = planOf(content);
      await database.query(
        `insert into execution_plans (digest, content, strategy_id, strategy_revision) values ($1, $2, $3, $4)
         on conflict (digest) do nothing`,
        { bind: [digest, content, plan.strategyId, plan.strategyRevision] },
      );
      return { digest, content, plan };
    },

    async findByDigest(digest: Buffer): Promise<StoredPlan | undefined> {
      const [row] = await database.query<PlanRow>(
        'select digest, content from execution_plans where digest = $1',
        {
          bind: [digest],
        },
      );
      return row && toStoredPlan(row);
    },

    /** The plan that was first seen last, of this revision or of any. */
    async findNewest(strategyId: string, strategyRevision?: number): Promise<StoredPlan | undefined> {
      const [row] = await database.query<PlanRow>(
        `select digest, content from execution_plans
         where strategy_id = $1 and ($2::int is null or strategy_revision = $2)
         order by strategy_revision desc, created_at desc limit 1`,
        { bind: [strategyId, strategyRevision ?? null] },
      );
      return row && toStoredPlan(row);
    },

    async findByDigests(digests: readonly Buffer[], transaction?: Transaction): Promise<Map<string, Plan>> {
      const rows = await database.query<PlanRow>(
        'select digest, content from execution_plans where digest = any($1::bytea[])',
        {
          bind: [digests],
          ...(transaction === undefined ? {} : { transaction }),
        },
      );
      return new Map(rows.map(({ digest, content }) => [digest.toString('hex'), planOf(content)]));
    },
  };
}
