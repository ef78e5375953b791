import { editors, readers, requirePrincipal } from '@chain-processor/auth';
import { StrategyServiceDefinition } from '@chain-processor/proto/catalog';
import {
  registerService,
  unimplemented,
  type MethodPolicies,
  type ServiceRegistration,
} from '@chain-processor/service-kit';
import { StrategyNotFoundError } from '../domain/errors.js';
import { createStrategy, type CreateStrategyDependencies } from '../usecases/create-strategy.js';
import { resolveStrategy } from '../usecases/resolve-strategy.js';
import { toResolveStrategyResponse } from './plan-codec.js';
import {
  decodeCreateStrategy,
  decodeListStrategies,
  decodeResolveStrategy,
  decodeStrategyId,
  toListStrategiesResponse,
  toProtoDraft,
  toProtoStrategy,
} from './strategy-codec.js';

/** Every role reads all strategies. Of the editors only the owner may change one; the use cases see to that. */
const policies: MethodPolicies<StrategyServiceDefinition> = {
  createStrategy: { access: editors },
  getStrategy: { access: readers },
  listStrategies: { access: readers },
  updateStrategy: { access: editors },
  deleteStrategy: { access: editors },
  activateStrategy: { access: editors },
  deactivateStrategy: { access: editors },
  addStrategyNode: { access: editors },
  removeStrategyNode: { access: editors },
  moveStrategyNode: { access: editors },
  listStrategyRevisions: { access: readers },
  getStrategyRevision: { access: readers },
  rollbackStrategy: { access: editors },
  validateStrategy: { access: readers },
  resolveStrategy: { access: readers },
  applyStrategy: { access: editors },
  exportStrategy: { access: readers },
};

export function strategyService(dependencies: CreateStrategyDependencies): ServiceRegistration {
  const { strategies } = dependencies;

  return registerService({
    definition: StrategyServiceDefinition,
    policies,
    handlers: {
      async createStrategy(request, context) {
        const command = decodeCreateStrategy(request);
        const strategy = await createStrategy(dependencies, requirePrincipal(context), command);
        return {
          strategy: strategy === undefined ? toProtoDraft(command.draft) : toProtoStrategy(strategy),
        };
      },

      async getStrategy(request) {
        const strategyId = decodeStrategyId(request);
        const strategy = await strategies.findById(strategyId);
        if (strategy === undefined) throw new StrategyNotFoundError(strategyId);
        return { strategy: toProtoStrategy(strategy) };
      },

      async listStrategies(request) {
        const { filter, page, list } = decodeListStrategies(request);
        return toListStrategiesResponse(await strategies.list(filter, page), list);
      },

      async resolveStrategy(request) {
        return toResolveStrategyResponse(await resolveStrategy(dependencies, decodeResolveStrategy(request)));
      },

      ...unimplemented(StrategyServiceDefinition, [
        'updateStrategy',
        'deleteStrategy',
        'activateStrategy',
        'deactivateStrategy',
        'addStrategyNode',
        'removeStrategyNode',
        'moveStrategyNode',
        'listStrategyRevisions',
        'getStrategyRevision',
        'rollbackStrategy',
        'validateStrategy',
        'applyStrategy',
        'exportStrategy',
      ]),
    },
  });
}
