import type { Client } from 'pg';
import { Umzug } from 'umzug';
import type { DatabaseTls } from './connection-options.js';
import { MigrationRefusedError } from './migration-errors.js';
import { readMigrations, type Migration } from './migration-files.js';
import {
  ensureHistoryTable,
  expectSameSeries,
  readHistory,
  recordApplied,
  recordReverted,
} from './migration-history.js';
import { withServerConnection } from './server-connection.js';

/** Where the migrations are and which database they are for. */
export interface MigrationTarget {
  /** URL of the database, with the role that owns its tables; straight to PostgreSQL, as the lock lives in the session. */
  readonly url: string;
  /** Directory with `NNNN_name.up.sql` and `NNNN_name.down.sql`. */
  readonly directory: string;
  /** TLS with a verified server. Default: no TLS. */
  readonly tls?: DatabaseTls | undefined;
}

export interface MigrateOptions extends MigrationTarget {
  readonly direction: 'up' | 'down';
  /**
   * The version to end at. Default: up goes to the latest, down reverts the last migration; `0` down reverts all.
   */
  readonly to?: 'latest' | number | undefined;
  /** Called with constant text and its variables, once per migration. */
  readonly log: (message: string, fields: Readonly<Record<string, string | number>>) => void;
  /** How long to wait for another runner to finish, in milliseconds. Default 60,000. */
  readonly lockWaitMs?: number;
  /** How long a migration may wait for a lock on a table, in milliseconds; what queues behind it waits as long. Default 5,000. */
  readonly lockTimeoutMs?: number;
}

/** How far a database is. */
export interface MigrationStatus {
  /** Version that the database is at; 0 when nothing was applied. */
  readonly version: number;
  /** Version of the last file. */
  readonly latestVersion: number;
  /** Names of the migrations that are not applied yet, in order. */
  readonly pending: readonly string[];
}

/**
 * A session lock, so that a runner that dies gives it back with its connection. The number is arbitrary and must never
 * change: two releases with different numbers would not exclude each other.
 */
const MIGRATION_LOCK_KEY = '7275139015386';

/**
 * Brings a database to a version and returns that version.
 *
 * Each migration commits together with its history row, so after a failure the database is at the version before the
 * one that failed. Safe to run from many processes at once: one works, the others wait and find nothing to do.
 *
 * @throws MigrationRefusedError when files and database do not belong together, umzug's MigrationError when SQL fails.
 */
export async function migrate(options: MigrateOptions): Promise<number> {
  const files = await readMigrations(options.directory);
  return withServerConnection({ ...options, applicationName: 'migrate' }, async (client) => {
    await lockForMigration(client, options.lockWaitMs ?? 60_000);
    await client.query(`set lock_timeout = ${options.lockTimeoutMs ?? 5_000}`);
    await ensureHistoryTable(client);
    const applied = await readHistory(client);
    expectSameSeries(applied, files);

    const from = applied.length;
    const to = targetVersion(options, from, files.length);
    const umzug = createRunner(client, files, options.log);
    if (to > from) await umzug.up({ migrations: files.slice(from, to).map((file) => file.name) });
    if (to < from)
      await umzug.down({
        migrations: files
          .slice(to, from)
          .reverse()
          .map((file) => file.name),
      });
    return to;
  });
}

/** Reads how far a database is and changes nothing. */
export async function readMigrationStatus(target: MigrationTarget): Promise<MigrationStatus> {
  const files = await readMigrations(target.directory);
  const applied = await withServerConnection({ ...target, applicationName: 'migrate-status' }, readHistory);
  expectSameSeries(applied, files);
  return {
    version: applied.length,
    latestVersion: files.length,
    pending: files.slice(applied.length).map((file) => file.name),
  };
}

async function lockForMigration(client: Client, lockWaitMs: number): Promise<void> {
  await client.query(`set lock_timeout = ${lockWaitMs}`);
  await client.query(`select pg_advisory_lock(${MIGRATION_LOCK_KEY})`);
}

function targetVersion({ direction, to }: MigrateOptions, from: number, latestVersion: number): number {
  const target = to ?? (direction === 'up' ? 'latest' : Math.max(0, from - 1));
  const version = target === 'latest' ? latestVersion : target;
  if (!Number.isInteger(version) || version < 0 || version > latestVersion) {
    throw new MigrationRefusedError(
      `there is no version ${version}: the files have 0 (nothing) to ${latestVersion}`,
    );
  }
  if ((direction === 'up' && version < from) || (direction === 'down' && version > from)) {
    throw new MigrationRefusedError(
      `the database is at version ${from}, so ${direction} to ${version} is the wrong way`,
    );
  }
  return version;
}

function createRunner(client: Client, files: readonly Migration[], log: MigrateOptions['log']): Umzug {
  return new Umzug({
    migrations: files.map((file) => ({
      name: file.name,
      up: async () => {
        await inTransaction(client, file.up, () => recordApplied(client, file));
        log('migration applied', { version: file.version, name: file.name });
      },
      down: async () => {
        await inTransaction(client, file.down, () => recordReverted(client, file));
        log('migration reverted', { version: file.version, name: file.name });
      },
    })),
    storage: {
      executed: async () => (await readHistory(client)).map((applied) => applied.name),
      // Too late for us: umzug calls these after the migration, and the history row must commit with it.
      logMigration: async () => undefined,
      unlogMigration: async () => undefined,
    },
    logger: undefined,
  });
}

async function inTransaction(client: Client, sql: string, record: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    const before = await currentTransactionId(client);
    await client.query(sql);
    if ((await currentTransactionId(client)) !== before) {
      throw new MigrationRefusedError(
        'the file ends its transaction itself: remove begin, commit and rollback from it',
      );
    }
    await record();
    await client.query('commit');
  } catch (error) {
    // If the session is lost, PostgreSQL rolls back by itself, and the first error is the one that explains.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function currentTransactionId(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
  return rows[0]?.id;
}
