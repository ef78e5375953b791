import { createHash } from 'node:crypto';
import type { ChainProcessorClient } from '@chain-processor/client';
import { EventDetail } from '@chain-processor/proto/catalog';
import { v5 as nameBasedId } from 'uuid';
import { BUILTIN_NODE_NAME, countWords, removePunctuation, type DemoNode } from './demo-nodes.js';

/** The demo's strategy, ready to be run. */
export interface DemoChain {
  readonly strategyId: string;
  readonly nodeNamesById: ReadonlyMap<string, string>;
}

/** Fixed for ever: request ids must come out the same at every start. */
const REQUEST_NAMESPACE = '7d1f7a52-5f0c-4b6e-9d53-0f6f5e0f9a11';
const TAGS = ['demo'];

/**
 * Makes the demo's nodes and strategy if they do not exist. Each creation carries a request id made from its content, so repeating
 * it at the next start gives the resource that is there, with the edits that were made since, and a release with another demo
 * makes new ones beside the old.
 */
export async function ensureDemoChain(client: ChainProcessorClient, signal: AbortSignal): Promise<DemoChain> {
  const nodes = [
    await findBuiltinNode(client, signal),
    await ensureNode(client, removePunctuation, signal),
    await ensureNode(client, countWords, signal),
  ];
  const strategy = {
    name: 'demo: count words',
    description: 'Makes a text lower case, removes its punctuation, and counts its words.',
    tags: TAGS,
    eventDetail: EventDetail.STEPS,
    nodes: nodes.map(({ id }) => ({ nodeId: id })),
  };
  const created = await client.strategies.createStrategy(
    { strategy, requestId: requestIdFor(strategy) },
    { signal },
  );
  return {
    strategyId: expectId(created.strategy),
    nodeNamesById: new Map(nodes.map(({ id, name }) => [id, name])),
  };
}

interface NamedNode {
  readonly id: string;
  readonly name: string;
}

async function findBuiltinNode(client: ChainProcessorClient, signal: AbortSignal): Promise<NamedNode> {
  const { nodes } = await client.nodes.listNodes(
    { isBuiltin: true, namePrefix: BUILTIN_NODE_NAME, pageSize: 100 },
    { signal },
  );
  const node = nodes.find(({ name }) => name === BUILTIN_NODE_NAME);
  if (node === undefined) throw new Error(`the catalog has no builtin node ${BUILTIN_NODE_NAME}`);
  return { id: node.id, name: node.name };
}

async function ensureNode(
  client: ChainProcessorClient,
  { name, description, code }: DemoNode,
  signal: AbortSignal,
): Promise<NamedNode> {
  const node = { name, description, code, tags: TAGS, metadata: { language: 'typescript' } };
  const created = await client.nodes.createNode({ node, requestId: requestIdFor(node) }, { signal });
  return { id: expectId(created.node), name };
}

function requestIdFor(content: object): string {
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return nameBasedId(digest, REQUEST_NAMESPACE);
}

function expectId(resource: { readonly id: string } | undefined): string {
  if (resource === undefined) throw new Error('the catalog answered a creation without the resource');
  return resource.id;
}
