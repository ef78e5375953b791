import { z } from 'zod';
import { flag, integer, milliseconds, port } from './config-fields.js';

/** The environment variables that every service reads, to be spread into its own schema. */
export const serverConfigShape = {
  GRPC_HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
  GRPC_PORT: port().default(0).describe('Port to listen on; 0 takes a free one and logs it.'),
  GRPC_MAX_MESSAGE_BYTES: integer({ min: 65_536, max: 67_108_864 })
    .default(4_194_304)
    .describe('Largest request or response, in bytes.'),
  GRPC_MAX_STREAMS_PER_CONNECTION: integer({ min: 1 })
    .default(256)
    .describe('Calls that one connection may have open at a time; further ones wait at the client.'),
  GRPC_MAX_CALLS_IN_FLIGHT: integer({ min: 1 })
    .default(2_048)
    .describe('Calls this process works on at a time; further ones get RESOURCE_EXHAUSTED.'),
  GRPC_MAX_CALL_MS: milliseconds({ min: 1 })
    .default(60_000)
    .describe('Longest a call may take where its method sets no other limit, in milliseconds.'),
  GRPC_MAX_CONNECTION_AGE_MS: milliseconds({ min: 1_000 })
    .default(300_000)
    .describe(
      'Connections are asked to reconnect after this time, in milliseconds, so that clients find new replicas.',
    ),
  GRPC_REFLECTION: flag()
    .default(false)
    .describe('Whether server reflection is on, for everybody; tools such as grpcurl need it.'),
  SHUTDOWN_GRACE_MS: milliseconds({ min: 0 })
    .default(20_000)
    .describe('How long calls in flight may go on after SIGTERM, in milliseconds.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .default('info')
    .describe('Least severe log lines that are written.'),
};

/** What {@link serverConfigShape} reads to. */
export type ServerConfig = Readonly<z.output<z.ZodObject<typeof serverConfigShape>>>;
