/** The migration of `migrations/execution` that this code was written for. */
export const SCHEMA_VERSION = 3;
