/**
 * A first call: writes a node, makes a strategy of it and of a builtin one, runs a text through, and shows how a bad request is
 * answered. Run it while `npm start` is up: `node examples/dist/src/first-call.js "Some text"`.
 */
import { readFile } from 'node:fs/promises';
import { connect, RpcError } from '@chain-processor/client';

const stackFile = new URL('../../../.local/stack.json', import.meta.url);
const { services, admin } = JSON.parse(await readFile(stackFile, 'utf8')) as {
  services: Record<'identity' | 'catalog' | 'execution', { endpoint: string }>;
  admin: { email: string; password: string };
};

const client = connect({
  endpoints: {
    identity: services.identity.endpoint,
    catalog: services.catalog.endpoint,
    execution: services.execution.endpoint,
  },
  credentials: admin,
});
try {
  const { nodes } = await client.nodes.listNodes({ isBuiltin: true, namePrefix: 'lowercase' });
  const { node: shout } = await client.nodes.createNode({
    node: {
      name: 'shout',
      code: 'export default (input: string, ctx: { config: { mark: string } }) => input.toUpperCase() + ctx.config.mark;',
    },
  });
  const [lowercase] = nodes;
  if (lowercase === undefined || shout === undefined) throw new Error('the catalog answered without a node');

  const { strategy } = await client.strategies.createStrategy({
    strategy: {
      name: 'lower, then shout',
      nodes: [
        { nodeId: lowercase.id, position: 1 },
        { nodeId: shout.id, position: 2, config: { mark: '!' } },
      ],
    },
  });
  if (strategy === undefined) throw new Error('the catalog answered without a strategy');

  const execution = await client.run({ strategyId: strategy.id, inputText: process.argv[2] ?? 'Hello' });
  process.stdout.write(`${execution.status}: ${execution.outputText}\n`);

  // What a mistake looks like.
  const mistake: unknown = await client
    .run({ strategyId: 'not-a-uuid', inputText: '' })
    .catch((error: unknown) => error);
  if (!(mistake instanceof RpcError)) throw new Error('a bad request was taken', { cause: mistake });
  process.stdout.write(`${mistake.reason}: ${mistake.message}\n`);
} finally {
  client.close();
}
