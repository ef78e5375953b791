import { LOOPBACK_HOST } from '../host/find-free-port.js';
import { isAtLeast, type NatsServerVersion } from './nats-server-version.js';

/** NATS's own default and the size that production is configured with: what fits here fits there. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;
const MAX_MEMORY_STORE_BYTES = 256 * 1024 * 1024;
const MAX_FILE_STORE_BYTES = 10 * 1024 * 1024 * 1024;

/** Writes the server's configuration file. JSON is a subset of its syntax, so every string is quoted safely. */
export function renderNatsConfiguration({
  version,
  port,
  serverName,
  storeDirectory,
  user,
  password,
  fsync,
}: {
  readonly version: NatsServerVersion;
  readonly port: number;
  readonly serverName: string;
  readonly storeDirectory: string;
  readonly user: string;
  readonly password: string;
  /** Whether every message is on disk before it is acknowledged; servers before 2.10 cannot and ignore it. */
  readonly fsync: boolean;
}): string {
  const canSyncAlways = isAtLeast(version, { major: 2, minor: 10 });
  return `${JSON.stringify(
    {
      host: LOOPBACK_HOST,
      port,
      server_name: serverName,
      max_payload: MAX_PAYLOAD_BYTES,
      authorization: { user, password },
      jetstream: {
        store_dir: storeDirectory,
        max_memory_store: MAX_MEMORY_STORE_BYTES,
        max_file_store: MAX_FILE_STORE_BYTES,
        ...(fsync && canSyncAlways ? { sync_interval: 'always' } : {}),
      },
    },
    undefined,
    2,
  )}\n`;
}
