/** The migration of `migrations/identity` that this code was written for. */
export const SCHEMA_VERSION = 2;
