import { invariant } from '@chain-processor/errors';
import {
  NodeInactiveError,
  NodeRevisionNotFoundError,
  StrategyEmptyError,
  StrategyInactiveError,
  StrategyRevisionNotFoundError,
} from './errors.js';
import type { JsonObject } from './json-object.js';
import { languageOf, type Node, type NodeLanguage } from './node.js';
import { withDefaults, type Policy } from './policy.js';
import type { DurabilityName, EventDetailName, Position, Strategy } from './strategy.js';

/** One position, ready to run. */
export interface PlanPosition {
  readonly position: number;
  readonly node: Node;
  readonly nodeRevision: number;
  /** Undefined for a builtin node. */
  readonly language: NodeLanguage | undefined;
  readonly config: JsonObject;
  readonly policy: Policy;
}

/** All that is needed to run one revision of a strategy. */
export interface Plan {
  readonly strategyId: string;
  readonly strategyRevision: number;
  readonly eventDetail: EventDetailName;
  readonly durability: DurabilityName;
  readonly positions: readonly PlanPosition[];
}

/**
 * Makes the plan of a strategy.
 *
 * @param nodes every node that stands in the strategy, by id.
 * @param revision the revision that is asked for; undefined for the newest, which is the only one that is kept so far.
 * @throws StrategyRevisionNotFoundError, StrategyInactiveError, StrategyEmptyError, NodeInactiveError or
 *   NodeRevisionNotFoundError.
 */
export function planOf(strategy: Strategy, nodes: ReadonlyMap<string, Node>, revision?: number): Plan {
  if (revision !== undefined && revision !== strategy.version) {
    throw new StrategyRevisionNotFoundError(strategy.id, revision);
  }
  if (!strategy.isActive) throw new StrategyInactiveError(strategy.id);
  if (strategy.positions.length === 0) throw new StrategyEmptyError(strategy.id);
  return {
    strategyId: strategy.id,
    strategyRevision: strategy.version,
    eventDetail: strategy.eventDetail,
    durability: strategy.durability,
    positions: strategy.positions.map((position) => {
      const node = nodes.get(position.nodeId);
      invariant(node, `position ${position.position} of strategy ${strategy.id} has no node`);
      return planPosition(position, node);
    }),
  };
}

function planPosition(position: Position, node: Node): PlanPosition {
  if (!node.isActive) throw new NodeInactiveError(node.id, position.position);
  if (!hasRevision(node, position.nodeRevision)) {
    throw new NodeRevisionNotFoundError(node.id, position.nodeRevision ?? node.version);
  }
  const language = node.isBuiltin ? undefined : languageOf(node.metadata);
  invariant(node.isBuiltin || language !== undefined, `node ${node.id} has an unknown language`);
  return {
    position: position.position,
    node,
    nodeRevision: position.nodeRevision ?? node.version,
    language,
    config: position.config,
    policy: withDefaults(position.policy),
  };
}

/**
 * Whether what a revision of a node runs is known. Of a user's node only the newest content is kept so far. What a builtin runs
 * is its key, which never changes; its revisions differ in description and schema only.
 */
export function hasRevision(node: Node, revision: number | undefined): boolean {
  if (revision === undefined || revision === node.version) return true;
  return node.isBuiltin && revision >= 1 && revision < node.version;
}
