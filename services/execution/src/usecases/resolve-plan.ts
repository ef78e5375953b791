import { DependencyUnavailableError } from '@chain-processor/errors';
import { CatalogRefusalError, type CatalogClient } from '../clients/catalog-client.js';
import { PlanNotFoundError } from '../domain/errors.js';
import type { StoredPlan } from '../domain/plan.js';
import type { PlanStore } from '../store/plan-store.js';

/** Which plan a start asks for. Without revision and digest: the newest that is known. */
export interface PlanRequest {
  readonly strategyId: string;
  readonly strategyRevision?: number | undefined;
  readonly planDigest?: Buffer | undefined;
  /** The caller's, to ask catalog on the caller's behalf. */
  readonly accessToken: string;
}

export interface PlanResolverOptions {
  readonly plans: PlanStore;
  readonly catalog: CatalogClient;
  /** How old the newest plan of a strategy may grow before catalog is asked again, in milliseconds. */
  readonly freshMs: number;
  /** How many plans are kept in memory. */
  readonly maxCached: number;
  readonly log: { warn(fields: object, message: string): void };
  readonly now?: () => number;
}

export interface PlanResolver {
  /**
   * The plan to pin an execution to; it is in `execution_plans` when this resolves.
   *
   * When catalog cannot be reached, a start without a revision runs the newest plan that is known, and the log says so.
   *
   * @throws PlanNotFoundError; what catalog answers about the strategy; DependencyUnavailableError when catalog cannot be
   *   reached and no plan is known.
   */
  resolve(request: PlanRequest): Promise<StoredPlan>;
}

interface CachedPlan {
  readonly plan: StoredPlan;
  readonly resolvedAt: number;
}

export function createPlanResolver(options: PlanResolverOptions): PlanResolver {
  const { plans, catalog, freshMs, maxCached, log, now = Date.now } = options;
  /** By strategy and revision; in order of use, the least recent first. */
  const cache = new Map<string, CachedPlan>();
  const pending = new Map<string, Promise<StoredPlan>>();

  function remember(key: string, plan: StoredPlan): StoredPlan {
    cache.delete(key);
    cache.set(key, { plan, resolvedAt: now() });
    const oldest = cache.keys().next();
    if (cache.size > maxCached && oldest.done !== true) cache.delete(oldest.value);
    return plan;
  }

  async function byDigest(strategyId: string, digest: Buffer): Promise<StoredPlan> {
    const plan = await plans.findByDigest(digest);
    if (plan?.plan.strategyId !== strategyId) throw new PlanNotFoundError(strategyId, digest.toString('hex'));
    return plan;
  }

  async function fromCatalog(key: string, request: PlanRequest): Promise<StoredPlan> {
    try {
      const content = await catalog.resolveStrategy(request);
      const known = cache.get(key)?.plan;
      return remember(
        key,
        known?.digest.equals(content.digest) === true ? known : await plans.insert(content),
      );
    } catch (error) {
      if (!(error instanceof DependencyUnavailableError)) throw error;
      const stale = await plans.findNewest(request.strategyId, request.strategyRevision);
      if (stale === undefined) throw error;
      log.warn(
        { err: error, strategy_id: request.strategyId, strategy_revision: stale.plan.strategyRevision },
        'catalog cannot be reached, running the newest plan that is known',
      );
      // Remembered too, so that not every start waits for a peer that does not answer.
      return remember(key, stale);
    }
  }

  /** One question at a time per strategy, however many starts ask it. */
  async function shared(key: string, request: PlanRequest): Promise<StoredPlan> {
    const underWay = pending.get(key);
    if (underWay === undefined) {
      const asked = fromCatalog(key, request).finally(() => pending.delete(key));
      pending.set(key, asked);
      return asked;
    }
    try {
      return await underWay;
    } catch (error) {
      // The question was asked with another caller's token: what is refused to that one need not be refused to this one.
      if (error instanceof CatalogRefusalError && error.isAboutCaller) return fromCatalog(key, request);
      throw error;
    }
  }

  return {
    async resolve(request) {
      if (request.planDigest !== undefined) return byDigest(request.strategyId, request.planDigest);

      const key = `${request.strategyId} ${request.strategyRevision ?? 'newest'}`;
      const cached = cache.get(key);
      if (cached !== undefined && now() - cached.resolvedAt < freshMs) return cached.plan;
      return shared(key, request);
    },
  };
}
