import { v7 as newId } from 'uuid';
import type { Principal } from '@chain-processor/auth';
import type { Database } from '@chain-processor/db';
import { digestOfJson } from '@chain-processor/canonical-json';
import { RequestIdReusedError, invariant } from '@chain-processor/errors';
import type { ConfigSchemas } from '../domain/config-schema.js';
import { checkPositions } from '../domain/position-rules.js';
import type { RequestKey } from '../domain/request-key.js';
import type { Strategy, StrategyDraft } from '../domain/strategy.js';
import type { NodeStore } from '../store/node-store.js';
import type { StrategyStore } from '../store/strategy-store.js';

export interface CreateStrategyDependencies {
  readonly database: Pick<Database, 'transaction'>;
  readonly nodes: NodeStore;
  readonly strategies: StrategyStore;
  readonly configSchemas: ConfigSchemas;
}

export interface CreateStrategyCommand {
  readonly draft: StrategyDraft;
  /** Makes the call repeatable; kept as long as the strategy. */
  readonly requestId: string | undefined;
  readonly validateOnly: boolean;
}

/**
 * Stores a new active strategy with its positions, all or nothing. Undefined when the command only validates.
 *
 * With a request id the call may be repeated, also while the first one is still under way, and also when one of its nodes has
 * changed since: exactly one strategy is made, and every call gives it.
 *
 * @throws PositionNodeNotFoundError, NodeRevisionNotFoundError, NodeConfigInvalidError, RequestIdReusedError
 */
export async function createStrategy(
  dependencies: CreateStrategyDependencies,
  principal: Principal,
  { draft, requestId, validateOnly }: CreateStrategyCommand,
): Promise<Strategy | undefined> {
  const { strategies } = dependencies;
  const request = requestId === undefined ? undefined : { id: requestId, digest: digestOfJson(draft) };
  const first = await findFirst(strategies, principal, request);
  if (first !== undefined) return validateOnly ? undefined : first;
  try {
    return await store(dependencies, principal, draft, request, validateOnly);
  } catch (error) {
    // The same call may have won the race since we looked.
    if (!(error instanceof RequestIdReusedError)) throw error;
    const winner = await findFirst(strategies, principal, request);
    if (winner === undefined) throw error;
    return winner;
  }
}

async function store(
  { database, nodes, strategies, configSchemas }: CreateStrategyDependencies,
  principal: Principal,
  draft: StrategyDraft,
  request: RequestKey | undefined,
  validateOnly: boolean,
): Promise<Strategy | undefined> {
  const id = newId();
  const positions = draft.positions.map((position, index) => ({
    ...position,
    id: newId(),
    position: index + 1,
  }));
  return database.transaction(async (transaction) => {
    const nodeIds = [...new Set(draft.positions.map(({ nodeId }) => nodeId))];
    const found = await nodes.lockAll(nodeIds, transaction);
    checkPositions({ positions: draft.positions, nodes: found, configSchemas, field: 'strategy.nodes' });
    if (validateOnly) return undefined;

    await strategies.insert({ ...draft, id, createdById: principal.id, positions, request }, transaction);
    const stored = await strategies.findById(id, transaction);
    invariant(stored, `strategy ${id} is gone within the transaction that made it`);
    return stored;
  });
}

/** The strategy that an earlier call with the same request id made; undefined when this is the first. */
async function findFirst(
  strategies: StrategyStore,
  principal: Principal,
  request: RequestKey | undefined,
): Promise<Strategy | undefined> {
  if (request === undefined) return undefined;
  const first = await strategies.findByRequest(principal.id, request.id);
  if (first === undefined) return undefined;
  if (!first.requestDigest.equals(request.digest)) throw new RequestIdReusedError(request.id);
  return strategies.findById(first.id);
}
