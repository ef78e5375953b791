import type { ChainProcessorClient } from '@chain-processor/client';
import type { Durability } from '@chain-processor/proto/catalog';
import { EventDetail } from '@chain-processor/proto/catalog';

/** A strategy of `length` steps, each of which takes `stepMs` and appends its position to the text. */
export async function createSlowStrategy(
  client: ChainProcessorClient,
  {
    length,
    stepMs,
    durability,
  }: { readonly length: number; readonly stepMs: number; readonly durability: Durability },
): Promise<string> {
  const { node } = await client.nodes.createNode({
    node: {
      name: 'append slowly',
      code: `\
interface Context { step: { position: number } }
export default async function process(input: string, context: Context): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ${stepMs}));
  return input + ' ' + context.step.position;
}
`,
    },
  });
  const nodes = Array.from({ length }, () => ({ nodeId: node?.id ?? '' }));
  const { strategy } = await client.strategies.createStrategy({
    strategy: { name: 'slow', nodes, durability, eventDetail: EventDetail.STEPS },
  });
  return strategy?.id ?? '';
}
