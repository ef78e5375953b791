import type { ClientBase } from 'pg';
import { MigrationRefusedError } from './migration-errors.js';
import type { Migration } from './migration-files.js';

/** Where a database remembers what was applied to it. Fixed, since a name that differed per service would help nobody. */
export const HISTORY_TABLE = 'schema_migrations';

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** Creates the history table unless it is there. Call it with the migration lock held. */
export async function ensureHistoryTable(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ is_missing: boolean }>(
    `select to_regclass('${HISTORY_TABLE}') is null as is_missing`,
  );
  if (rows[0]?.is_missing !== true) return;
  await client.query(`
    create table ${HISTORY_TABLE} (
      version integer primary key check (version >= 1),
      name text not null,
      checksum text not null,
      is_breaking boolean not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    comment on table ${HISTORY_TABLE} is 'Migrations that this database has; written by the migration command only';
    comment on column ${HISTORY_TABLE}.version is 'Number of the migration, from 1 without gaps';
    comment on column ${HISTORY_TABLE}.name is 'File name without .up.sql';
    comment on column ${HISTORY_TABLE}.checksum is 'SHA-256 of the up file as it was applied, in hexadecimal';
    comment on column ${HISTORY_TABLE}.is_breaking is 'True: programs written for an earlier version cannot work with the schema';
    comment on column ${HISTORY_TABLE}.applied_at is 'When it was applied';
  `);
}

/** What was applied, in order; nothing when the history table does not exist. */
export async function readHistory(client: ClientBase): Promise<readonly AppliedMigration[]> {
  const { rows: tables } =
    await client.query(`select where_is from to_regclass('${HISTORY_TABLE}') as where_is
    where where_is is not null`);
  if (tables.length === 0) return [];
  const { rows } = await client.query<AppliedMigration>(
    `select version, name, checksum from ${HISTORY_TABLE} order by version`,
  );
  return rows;
}

export async function recordApplied(client: ClientBase, migration: Migration): Promise<void> {
  await client.query(
    `insert into ${HISTORY_TABLE} (version, name, checksum, is_breaking) values ($1, $2, $3, $4)`,
    [migration.version, migration.name, migration.checksum, migration.isBreaking],
  );
}

export async function recordReverted(client: ClientBase, migration: Migration): Promise<void> {
  await client.query(`delete from ${HISTORY_TABLE} where version = $1`, [migration.version]);
}

/**
 * Checks that the database is at some point of exactly this series of files.
 *
 * @throws MigrationRefusedError when it has more than the files, or a file changed after it was applied.
 */
export function expectSameSeries(applied: readonly AppliedMigration[], files: readonly Migration[]): void {
  for (const [index, { version, name, checksum }] of applied.entries()) {
    const file = files[index];
    if (file === undefined) {
      throw new MigrationRefusedError(
        `the database is at version ${applied.length} and these files end at ${files.length}: ${name} is not among them. ` +
          'Use the migrations of the release that migrated it',
      );
    }
    if (version !== file.version || name !== file.name) {
      throw new MigrationRefusedError(
        `the database has ${name} as version ${version} where the files have ${file.name}: they belong to another series`,
      );
    }
    if (checksum !== file.checksum) {
      throw new MigrationRefusedError(
        `${name}.up.sql was changed after it was applied (SHA-256 ${checksum} then, ${file.checksum} now). Restore the ` +
          'file, and put the change into a new migration',
      );
    }
  }
}
