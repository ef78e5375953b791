import type { BuiltinNode } from '@chain-processor/builtin-nodes';
import { builtinNodeId } from '../domain/builtin-node-id.js';
import { CONFIG_SCHEMA_KEY } from '../domain/node.js';
import type { NodeStore } from '../store/node-store.js';

/**
 * Makes the table hold every builtin node of this release. May be repeated, and run by many replicas at once; a node whose
 * description or schema differs gets this release's as its next version. One that this release no longer has stays, since
 * strategies may hold it.
 *
 * @returns how many nodes were new or had changed.
 */
export async function seedBuiltinNodes(
  { nodes }: { readonly nodes: NodeStore },
  builtins: readonly BuiltinNode[],
): Promise<number> {
  return nodes.upsertBuiltins(
    builtins.map(({ key, description, configSchema }) => ({
      id: builtinNodeId(key),
      name: key,
      description,
      code: key,
      metadata: { [CONFIG_SCHEMA_KEY]: configSchema },
    })),
  );
}
