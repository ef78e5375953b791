import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNats, startPostgres, type LocalNats, type LocalPostgres } from '@chain-processor/local-stack';

/** The real servers that the tests of one mocha run share. Each starts when it is first asked for. */
export interface TestServers {
  /** PostgreSQL, empty and without durability. Ask for a database with `createTestDatabase`. */
  postgres(): Promise<LocalPostgres>;
  /** nats-server with an empty JetStream. Test files share it, so each uses names or subjects of its own. */
  nats(): Promise<LocalNats>;
}

interface Running {
  readonly directory: Promise<string>;
  postgres?: Promise<LocalPostgres>;
  nats?: Promise<LocalNats>;
}

/** Kept between runs: fetching nats-server takes a while. */
const NATS_CACHE_DIRECTORY = fileURLToPath(new URL('../../../../.local/cache', import.meta.url));

let running: Running | undefined;

/** The servers of this process. Whoever asks sees to it that {@link stopTestServers} runs at the end. */
export function testServers(): TestServers {
  const servers = (running ??= { directory: mkdtemp(join(tmpdir(), 'chain-processor-test-')) });
  return {
    postgres: () => (servers.postgres ??= startTestPostgres(servers.directory)),
    nats: () => (servers.nats ??= startTestNats(servers.directory)),
  };
}

/** Stops what was started and deletes its data. Safe to call when nothing was. */
export async function stopTestServers(): Promise<void> {
  const servers = running;
  running = undefined;
  if (servers === undefined) return;
  const started = await Promise.allSettled([servers.postgres, servers.nats]);
  for (const server of started) {
    // One that failed to start has failed the test that asked for it.
    if (server.status === 'fulfilled') await server.value?.stop();
  }
  await rm(await servers.directory, { recursive: true, force: true });
}

async function startTestPostgres(directory: Promise<string>): Promise<LocalPostgres> {
  return startPostgres({
    dataDirectory: join(await directory, 'postgres'),
    persistent: false,
    fsync: false,
    settings: { max_connections: '200', synchronous_commit: 'off' },
    log: () => undefined,
  });
}

async function startTestNats(directory: Promise<string>): Promise<LocalNats> {
  return startNats({
    storeDirectory: join(await directory, 'nats'),
    cacheDirectory: NATS_CACHE_DIRECTORY,
    fsync: false,
    log: () => undefined,
  });
}
