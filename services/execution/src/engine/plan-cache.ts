import { invariant } from '@chain-processor/errors';
import { PlanUnsupportedError } from '../domain/errors.js';
import type { Plan } from '../domain/plan.js';
import { planOf } from '../store/plan-content.js';
import type { PlanStore } from '../store/plan-store.js';

/** Plans by digest, for workers: immutable, so what is cached is never stale. */
export interface PlanCache {
  /**
   * The plans of these digests, in their order. One that this release does not understand is given as the error that says so,
   * and hides no other.
   */
  load(digests: readonly Buffer[]): Promise<(Plan | PlanUnsupportedError)[]>;
}

/** Keeps the `maxPlans` plans that were used last. */
export function createPlanCache({ plans, maxPlans }: { plans: PlanStore; maxPlans: number }): PlanCache {
  const cache = new Map<string, Plan | PlanUnsupportedError>();

  return {
    async load(digests) {
      const wanted = new Map(digests.map((digest) => [digest.toString('hex'), digest]));
      const found = new Map([...wanted.keys()].flatMap((key) => entryOf(cache, key)));
      const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, digest]) => digest);
      if (missing.length > 0) {
        for (const content of await plans.findContents(missing)) {
          found.set(
            content.digest.toString('hex'),
            decoded(() => planOf(content)),
          );
        }
      }
      for (const [key, plan] of found) {
        // Moves it to the end of the map's order, which is the order of use.
        cache.delete(key);
        cache.set(key, plan);
      }
      for (const key of cache.keys()) {
        if (cache.size <= maxPlans) break;
        cache.delete(key);
      }
      return digests.map((digest) => {
        const plan = found.get(digest.toString('hex'));
        invariant(plan, `plan ${digest.toString('hex')} is not in the database`);
        return plan;
      });
    },
  };
}

function entryOf<Value>(map: ReadonlyMap<string, Value>, key: string): [string, Value][] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}

function decoded(decode: () => Plan): Plan | PlanUnsupportedError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof PlanUnsupportedError) return error;
    throw error;
  }
}
