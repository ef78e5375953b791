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
export { isConnectionFailure, isUniqueViolation, sqlStateOf } from './sql-state.js';
export type { TransactionOptions } from './transaction.js';
