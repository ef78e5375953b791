import pg from 'pg';
import { parseDatabaseUrl, tlsOptions, type DatabaseTls } from './connection-options.js';

export interface ServerConnectionOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly tls?: DatabaseTls | undefined;
}

/**
 * One plain connection outside any pool, closed when `run` is over: for work that needs one session (locks) or simple-protocol
 * queries with many statements. Without statement timeout, since migrations may take long.
 */
export async function withServerConnection<T>(
  options: ServerConnectionOptions,
  run: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { username, ...address } = parseDatabaseUrl(options.url);
  const client = new pg.Client({
    ...address,
    user: username,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(options.tls === undefined ? {} : { ssl: tlsOptions(options.tls) }),
  });
  // The query under way, or the next one, fails with the same loss; without a listener the process would end here.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
