export type { Transaction } from 'sequelize';
export type { DatabaseTimeouts, DatabaseTls } from './connection-options.js';
export {
  createDatabase,
  type CompletedQuery,
  type Database,
  type DatabaseOptions,
  type StatementOptions,
} from './database.js';
export { DatabaseUnavailableError } from './database-errors.js';
export { createGroupCommit, type GroupCommit, type GroupCommitOptions } from './group-commit.js';
export { isConnectionFailure, isUniqueViolation, sqlStateOf } from './sql-state.js';
export type { TransactionOptions } from './transaction.js';
export {
  migrate,
  readMigrationStatus,
  type MigrateOptions,
  type MigrationStatus,
  type MigrationTarget,
} from './migrate.js';
export { MigrationRefusedError, SchemaVersionError } from './migration-errors.js';
export { expectSchemaVersion, readSchemaVersion } from './schema-version.js';
export { createServerDatabase, dropServerDatabase, type ServerDatabaseOptions } from './server-databases.js';
export { dumpSchema, type DumpSchemaOptions } from './dump-schema.js';
export {
  computeSchemaFiles,
  writeSchemaFiles,
  type DumpSchemasOptions,
  type SchemaFile,
} from './dump-schemas.js';
