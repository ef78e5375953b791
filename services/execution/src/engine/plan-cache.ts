import { invariant } from '@chain-processor/errors';
import type { Plan } from '../domain/plan.js';
import type { PlanStore } from '../store/plan-store.js';

/** Plans by digest, for workers: immutable, so what is cached is never stale. */
export interface PlanCache {
  /** Makes the plans of these digests available to {@link get}. */
  load(digests: readonly Buffer[]): Promise<void>;
  /** @throws InvariantError when the plan was not loaded or does not exist. */
  get(digest: Buffer): Plan;
}

/** Keeps the `maxPlans` plans that were used last. */
export function createPlanCache({ plans, maxPlans }: { plans: PlanStore; maxPlans: number }): PlanCache {
  const cache = new Map<string, Plan>();

  return {
    async load(digests) {
      const missing = new Map(digests.map((digest) => [digest.toString('hex'), digest]));
      for (const key of missing.keys()) {
        const known = cache.get(key);
        if (known === undefined) continue;
        missing.delete(key);
        // Moves it to the end of the map's order, which is the order of use.
        cache.delete(key);
        cache.set(key, known);
      }
      if (missing.size === 0) return;
      for (const [key, plan] of await plans.findByDigests([...missing.values()])) cache.set(key, plan);
      for (const key of cache.keys()) {
        if (cache.size <= Math.max(maxPlans, digests.length)) break;
        cache.delete(key);
      }
    },
    get(digest) {
      const key = digest.toString('hex');
      const plan = cache.get(key);
      invariant(plan, `plan ${key} is not in the database`);
      return plan;
    },
  };
}
