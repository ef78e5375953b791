import { z } from 'zod';
import {
  grpcTarget,
  integer,
  milliseconds,
  postgresUrl,
  readConfig,
  Secret,
  serverConfigShape,
} from '@chain-processor/service-kit';

const executionConfigSchema = z.object({
  ...serverConfigShape,
  DATABASE_URL: postgresUrl().describe('Connection URL of the execution database. Required; a secret.'),
  DATABASE_POOL_MAX: integer({ min: 2, max: 1_000 })
    .default(16)
    .describe('Most database connections of this process at a time.'),
  NATS_URL: z
    .string({ error: 'is required, for example nats://nats:4222' })
    .min(1)
    .describe('One NATS server or several, separated by commas. Required.'),
  NATS_USER: z.string().optional().describe('User at NATS. Default: none.'),
  NATS_PASSWORD: z
    .string()
    .transform((text) => new Secret(text))
    .optional()
    .describe('Password at NATS. A secret. Default: none.'),
  IDENTITY_TARGET: grpcTarget().describe(
    'Where identity is, for its public keys: dns:///identity:50051. Required.',
  ),
  CATALOG_TARGET: grpcTarget().describe('Where catalog is, for plans: dns:///catalog:50052. Required.'),
  TOKEN_ISSUER: z
    .string()
    .default('chain-processor')
    .describe('`iss` of access tokens; the same in every service.'),
  TOKEN_AUDIENCE: z
    .string()
    .default('chain-processor')
    .describe('`aud` of access tokens; the same in every service.'),
  EXECUTION_ROLE: z
    .enum(['all', 'api', 'worker'])
    .default('all')
    .describe('What this process does: answer calls (api), run executions (worker), or both (all).'),
  PLAN_FRESH_MS: integer({ min: 0, max: 600_000 })
    .default(2_000)
    .describe(
      'How old the newest plan of a strategy may grow before catalog is asked again, in milliseconds.',
    ),
  PLAN_CACHE_MAX: integer({ min: 1 }).default(100).describe('How many plans are kept in memory.'),
  WORKER_SLOTS: integer({ min: 1, max: 10_000 })
    .default(64)
    .describe('How many executions one worker runs at a time.'),
  WORKER_LEASE_MS: milliseconds({ min: 500 })
    .default(10_000)
    .describe('How long a worker may be silent before others take over its executions, in milliseconds.'),
  WORKER_MAX_CLAIMS: integer({ min: 1, max: 1_000_000 })
    .default(20)
    .describe('How often an execution may be begun without coming to an end before it fails.'),
  WORKER_POLL_MS: milliseconds({ min: 10 })
    .default(1_000)
    .describe('How often the database is asked for work that no dispatch led to, in milliseconds.'),
  WORKER_STEP_FLUSH_MS: milliseconds({ min: 1 })
    .default(50)
    .describe('How long a finished step may wait to be committed together with later ones, in milliseconds.'),
  SANDBOX_MAX_RUNNERS: integer({ min: 1, max: 1_000 })
    .default(8)
    .describe(
      'How many sandbox processes one worker keeps, one per owner of nodes; each takes 60 to 100 MiB.',
    ),
  SANDBOX_HEAP_MIB: integer({ min: 16 }).default(64).describe("V8's heap limit of one node, in MiB."),
  SANDBOX_MAX_RESIDENT_MIB: integer({ min: 128 })
    .default(512)
    .describe('Most resident memory of one sandbox process, buffers and WebAssembly included, in MiB.'),
});

export type ExecutionConfig = Readonly<z.output<typeof executionConfigSchema>>;

/** @throws ConfigError with every fault. */
export function loadExecutionConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ExecutionConfig {
  return readConfig(executionConfigSchema, environment);
}
