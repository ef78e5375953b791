/** The migration of `migrations/catalog` that this code was written for. */
export const SCHEMA_VERSION = 2;
