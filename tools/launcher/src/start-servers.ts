import { join } from 'node:path';
import {
  startNats,
  startPostgres,
  type LocalNats,
  type LocalPostgres,
  type LogLine,
} from '@chain-processor/local-stack';

/** Used if they are free. */
const POSTGRES_PORT = 5_432;
const NATS_PORT = 4_222;

/** Starts PostgreSQL and NATS side by side on the data in `directory`. When one fails, the other is stopped again. */
export async function startServers({
  directory,
  cacheDirectory,
  log,
  signal,
}: {
  readonly directory: string;
  /** Where a fetched nats-server is kept. */
  readonly cacheDirectory: string;
  readonly log: LogLine;
  readonly signal: AbortSignal | undefined;
}): Promise<{ readonly postgres: LocalPostgres; readonly nats: LocalNats }> {
  const failure = new AbortController();
  const common = {
    log,
    signal: signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]),
  };
  const abort = (error: unknown): never => {
    failure.abort(error);
    throw error;
  };
  const [postgres, nats] = await Promise.allSettled([
    startPostgres({
      ...common,
      dataDirectory: join(directory, 'postgres'),
      persistent: true,
      preferredPort: POSTGRES_PORT,
    }).catch(abort),
    startNats({
      ...common,
      storeDirectory: join(directory, 'nats'),
      cacheDirectory,
      preferredPort: NATS_PORT,
    }).catch(abort),
  ]);
  if (postgres.status === 'fulfilled' && nats.status === 'fulfilled') {
    return { postgres: postgres.value, nats: nats.value };
  }
  for (const started of [nats, postgres]) if (started.status === 'fulfilled') await started.value.stop();
  // The first failure is the reason; the other one, if any, was aborted because of it.
  signal?.throwIfAborted();
  throw failure.signal.reason;
}
