import { editors, readers, requirePrincipal } from '@chain-processor/auth';
import { NodeServiceDefinition } from '@chain-processor/proto/catalog';
import {
  registerService,
  unimplemented,
  type MethodPolicies,
  type ServiceRegistration,
} from '@chain-processor/service-kit';
import { NodeNotFoundError } from '../domain/errors.js';
import type { NodeRules } from '../domain/node-rules.js';
import { createNode, type CreateNodeDependencies } from '../usecases/create-node.js';
import {
  decodeCreateNode,
  decodeListNodes,
  decodeNodeId,
  toListNodesResponse,
  toProtoDraft,
  toProtoNode,
} from './node-codec.js';

/** Every role reads all nodes. Of the editors only the owner may change a node; the use cases see to that. */
const policies: MethodPolicies<NodeServiceDefinition> = {
  createNode: { access: editors },
  getNode: { access: readers },
  listNodes: { access: readers },
  updateNode: { access: editors },
  activateNode: { access: editors },
  deactivateNode: { access: editors },
  deleteNode: { access: editors },
  listNodeRevisions: { access: readers },
  getNodeRevision: { access: readers },
  rollbackNode: { access: editors },
};

export interface NodeServiceDependencies extends CreateNodeDependencies {
  readonly nodeRules: NodeRules;
}

export function nodeService(dependencies: NodeServiceDependencies): ServiceRegistration {
  const { nodes, nodeRules } = dependencies;

  return registerService({
    definition: NodeServiceDefinition,
    policies,
    handlers: {
      async createNode(request, context) {
        const command = decodeCreateNode(request, nodeRules);
        const node = await createNode(dependencies, requirePrincipal(context), command);
        return { node: node === undefined ? toProtoDraft(command.draft) : toProtoNode(node) };
      },

      async getNode(request) {
        const nodeId = decodeNodeId(request);
        const node = await nodes.findById(nodeId);
        if (node === undefined) throw new NodeNotFoundError(nodeId);
        return { node: toProtoNode(node) };
      },

      async listNodes(request) {
        const { filter, page, list } = decodeListNodes(request);
        return toListNodesResponse(await nodes.list(filter, page), list);
      },

      ...unimplemented(NodeServiceDefinition, [
        'updateNode',
        'activateNode',
        'deactivateNode',
        'deleteNode',
        'listNodeRevisions',
        'getNodeRevision',
        'rollbackNode',
      ]),
    },
  });
}
