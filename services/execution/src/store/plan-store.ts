import type { Database } from '@chain-processor/db';
import type { PlanContent, StoredPlan } from '../domain/plan.js';
import { planOf } from './plan-content.js';

export type PlanStore = ReturnType<typeof createPlanStore>;

/** Plans are immutable and content-addressed: a row is written once and never changed. */
export function createPlanStore({ database }: { database: Database }) {
  const toStoredPlan = (row: PlanContent): StoredPlan => ({ digest: row.digest, plan: planOf(row) });

  return {
    /** Keeps a plan, once. @throws PlanUnsupportedError, and then nothing is kept. */
    async insert(row: PlanContent): Promise<StoredPlan> {
      const stored = toStoredPlan(row);
      await database.query(
        `insert into execution_plans (digest, content, strategy_id, strategy_revision) values ($1, $2, $3, $4)
         on conflict (digest) do nothing`,
        { bind: [row.digest, row.content, stored.plan.strategyId, stored.plan.strategyRevision] },
      );
      return stored;
    },

    /** @throws PlanUnsupportedError */
    async findByDigest(digest: Buffer): Promise<StoredPlan | undefined> {
      const [row] = await database.query<PlanContent>(
        'select digest, content from execution_plans where digest = $1',
        {
          bind: [digest],
        },
      );
      return row && toStoredPlan(row);
    },

    /** The plan that was first seen last, of this revision or of any. @throws PlanUnsupportedError */
    async findNewest(strategyId: string, strategyRevision?: number): Promise<StoredPlan | undefined> {
      const [row] = await database.query<PlanContent>(
        `select digest, content from execution_plans
         where strategy_id = $1 and ($2::int is null or strategy_revision = $2)
         order by strategy_revision desc, created_at desc limit 1`,
        { bind: [strategyId, strategyRevision ?? null] },
      );
      return row && toStoredPlan(row);
    },

    /** The contents of these plans, undecoded: one that this release does not understand must not hide the others. */
    async findContents(digests: readonly Buffer[]): Promise<PlanContent[]> {
      return database.query<PlanContent>(
        'select digest, content from execution_plans where digest = any($1::bytea[])',
        { bind: [digests] },
      );
    },
  };
}
