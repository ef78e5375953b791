import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type ChainProcessorClient } from '@chain-processor/client';
import { startStack, type LocalStack, type StackDescription } from '@chain-processor/launcher';
import { loadHostVariables } from './config.js';

/** Shared with `npm start`: fetching nats-server takes a while. */
const CACHE_DIRECTORY = fileURLToPath(new URL('../../../.local/cache', import.meta.url));

/** The whole system as `npm start` brings it up, on a directory of its own that goes with it. */
export interface EndToEndStack {
  readonly directory: string;
  /** The stack that is up now. */
  current(): LocalStack;
  /** How to reach it now. */
  describe(): StackDescription;
  /** A client that is logged in as the admin; closed with the stack. */
  client(): ChainProcessorClient;
  /** Stops everything and starts it again on the same data. */
  restartAll(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it; `serviceEnv` differs from the services' defaults. */
export async function startEndToEndStack(serviceEnv: NodeJS.ProcessEnv = {}): Promise<EndToEndStack> {
  const directory = await mkdtemp(join(tmpdir(), 'chain-processor-e2e-'));
  const clients: ChainProcessorClient[] = [];
  const start = (): Promise<LocalStack> =>
    startStack({
      directory,
      cacheDirectory: CACHE_DIRECTORY,
      adminEmail: 'admin@example.org',
      serviceEnv: { ...loadHostVariables(), ...serviceEnv },
      log: () => undefined,
    });
  let stack = await start().catch(async (error: unknown) => {
    await rm(directory, { recursive: true });
    throw error;
  });

  async function stopAll(): Promise<void> {
    for (const client of clients.splice(0)) client.close();
    await stack.stop();
  }

  return {
    directory,
    current: () => stack,
    describe: () => stack.describe(),
    client() {
      const { services, admin } = stack.describe();
      const client = connect({
        endpoints: {
          identity: services.identity.endpoint,
          catalog: services.catalog.endpoint,
          execution: services.execution.endpoint,
        },
        credentials: admin,
      });
      clients.push(client);
      return client;
    },
    async restartAll() {
      await stopAll();
      stack = await start();
    },
    async stop() {
      await stopAll();
      await rm(directory, { recursive: true });
    },
  };
}
