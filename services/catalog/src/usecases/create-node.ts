import { v7 as newId } from 'uuid';
import type { Principal } from '@chain-processor/auth';
import { digestOfJson } from '@chain-processor/canonical-json';
import { RequestIdReusedError } from '@chain-processor/errors';
import type { Node, NodeDraft } from '../domain/node.js';
import type { RequestKey } from '../domain/request-key.js';
import type { NodeStore } from '../store/node-store.js';

export interface CreateNodeDependencies {
  readonly nodes: NodeStore;
}

export interface CreateNodeCommand {
  /** Obeys the rules already: nothing of it depends on what is stored. */
  readonly draft: NodeDraft;
  /** Makes the call repeatable; kept as long as the node. */
  readonly requestId: string | undefined;
  readonly validateOnly: boolean;
}

/**
 * Stores a new active node. Undefined when the command only validates.
 *
 * With a request id the call may be repeated, also while the first one is still under way: exactly one node is made, and every
 * call gives it.
 *
 * @throws RequestIdReusedError
 */
export async function createNode(
  { nodes }: CreateNodeDependencies,
  principal: Principal,
  { draft, requestId, validateOnly }: CreateNodeCommand,
): Promise<Node | undefined> {
  const request = requestId === undefined ? undefined : { id: requestId, digest: digestOfJson(draft) };
  const first = await findFirst(nodes, principal, request);
  if (validateOnly) return undefined;
  if (first !== undefined) return first;
  try {
    return await nodes.insert({ ...draft, id: newId(), createdById: principal.id, request });
  } catch (error) {
    // The same call may have won the race since we looked.
    if (!(error instanceof RequestIdReusedError)) throw error;
    const winner = await findFirst(nodes, principal, request);
    if (winner === undefined) throw error;
    return winner;
  }
}

/** The node that an earlier call with the same request id made; undefined when this is the first. */
async function findFirst(
  nodes: NodeStore,
  principal: Principal,
  request: RequestKey | undefined,
): Promise<Node | undefined> {
  if (request === undefined) return undefined;
  const first = await nodes.findByRequest(principal.id, request.id);
  if (first === undefined) return undefined;
  if (!first.requestDigest.equals(request.digest)) throw new RequestIdReusedError(request.id);
  return first.node;
}
