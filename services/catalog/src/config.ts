import { z } from 'zod';
import {
  grpcTarget,
  integer,
  postgresUrl,
  readConfig,
  serverConfigShape,
} from '@chain-processor/service-kit';

const catalogConfigSchema = z.object({
  ...serverConfigShape,
  DATABASE_URL: postgresUrl().describe('Connection URL of the catalog database. Required; a secret.'),
  DATABASE_POOL_MAX: integer({ min: 1, max: 1_000 })
    .default(10)
    .describe('Most database connections of this process at a time.'),
  IDENTITY_TARGET: grpcTarget().describe('Where identity is, which has the keys of access tokens. Required.'),
  TOKEN_ISSUER: z
    .string()
    .default('chain-processor')
    .describe('`iss` of access tokens; the same in every service.'),
  TOKEN_AUDIENCE: z
    .string()
    .default('chain-processor')
    .describe('`aud` of access tokens; the same in every service.'),
  CHECK_LIMIT_MS: integer({ min: 10, max: 60_000 })
    .default(2_000)
    .describe(
      'Longest that code is parsed, or the configs of a strategy are matched, in milliseconds; nothing else runs meanwhile.',
    ),
  MAX_COMPILED_SCHEMAS: integer({ min: 1 })
    .default(500)
    .describe('Config schemas that are kept compiled in memory.'),
});

export type CatalogConfig = Readonly<z.output<typeof catalogConfigSchema>>;

/** @throws ConfigError with every fault. */
export function loadCatalogConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CatalogConfig {
  return readConfig(catalogConfigSchema, environment);
}
