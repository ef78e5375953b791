import type { Database } from './database.js';
import { SchemaVersionError } from './migration-errors.js';
import { HISTORY_TABLE } from './migration-history.js';

interface Versions {
  /** Last version that was applied; 0 when none was. */
  readonly version: number;
  /** Last version that was marked as breaking; 0 when there is none. */
  readonly breakingVersion: number;
}

/** The version that the database is at; 0 when nothing was applied. */
export async function readSchemaVersion(database: Database): Promise<number> {
  return (await readVersions(database)).version;
}

/**
 * Resolves when a program that was written for `version` can work with the database. A newer database is fine, as
 * migrations run before the programs that need them, unless a migration after `version` is marked as breaking. For readiness.
 *
 * @throws SchemaVersionError when the database is too old, or too new by a breaking migration.
 */
export async function expectSchemaVersion(database: Database, version: number): Promise<void> {
  const found = await readVersions(database);
  if (found.version < version) {
    throw new SchemaVersionError(
      `the database is at version ${found.version} and this program needs ${version}: run the migrations of this release`,
    );
  }
  if (found.breakingVersion > version) {
    throw new SchemaVersionError(
      `the database has the breaking migration ${found.breakingVersion} and this program was written for ${version}: deploy a ` +
        'newer release',
    );
  }
}

async function readVersions(database: Database): Promise<Versions> {
  const tables = await database.query(`select 1 where to_regclass('${HISTORY_TABLE}') is not null`);
  if (tables.length === 0) return { version: 0, breakingVersion: 0 };
  const [row] = await database.query<{ version: number; breaking_version: number }>(
    `select coalesce(max(version), 0) as version,
            coalesce(max(version) filter (where is_breaking), 0) as breaking_version
       from ${HISTORY_TABLE}`,
  );
  return { version: row?.version ?? 0, breakingVersion: row?.breaking_version ?? 0 };
}
