import { StrategyNotFoundError } from '../domain/errors.js';
import { planOf, type Plan } from '../domain/plan.js';
import type { StrategyStore } from '../store/strategy-store.js';

/**
 * The plan of a strategy, from one reading of all its tables.
 *
 * @param revision the revision that is asked for; undefined for the newest.
 * @throws StrategyNotFoundError, StrategyRevisionNotFoundError, StrategyInactiveError, StrategyEmptyError, NodeInactiveError
 */
export async function resolveStrategy(
  { strategies }: { readonly strategies: StrategyStore },
  { strategyId, revision }: { readonly strategyId: string; readonly revision: number | undefined },
): Promise<Plan> {
  const found = await strategies.findWithNodes(strategyId);
  if (found === undefined) throw new StrategyNotFoundError(strategyId);
  return planOf(found.strategy, found.nodes, revision);
}
