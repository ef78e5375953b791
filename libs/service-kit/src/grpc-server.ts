import { createServer, type Server } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl, type HealthState } from 'nice-grpc-server-health';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';
import { errorDetailsServerMiddleware } from 'nice-grpc-error-details';
import { anonymous, createAuthMiddleware, type TokenVerifier } from '@chain-processor/auth';
import { fileDescriptorSet } from '@chain-processor/proto/descriptor-set';
import { createBoundsMiddleware } from './bounds-middleware.js';
import { isDoneWithin } from './is-done-within.js';
import { errorMiddleware } from './error-middleware.js';
import { createRequestIdMiddleware, logMiddleware, notePrincipal } from './log-middleware.js';
import type { Logger } from './logger.js';
import type { RequestContextExtension } from './request-context.js';
import type { ServerConfig } from './server-config.js';
import type { ServiceRegistration } from './service-registration.js';
import { strictDefinition } from './strict-definition.js';

/** How long ended calls get to reach their clients. */
const CUT_GRACE_MS = 1_000;

const WATCH_MAX_MS = 24 * 60 * 60_000;

const standardPolicies = new Map([
  ['/grpc.health.v1.Health/Check', { access: anonymous }],
  ['/grpc.health.v1.Health/Watch', { access: anonymous, maxDurationMs: WATCH_MAX_MS }],
  [
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    { access: anonymous, maxDurationMs: WATCH_MAX_MS },
  ],
]);

export interface GrpcServerOptions {
  readonly config: ServerConfig;
  readonly logger: Logger;
  readonly verifier: TokenVerifier;
  readonly services: readonly ServiceRegistration[];
  readonly healthState: HealthState;
}

/** A listening server. */
export interface GrpcServer {
  /** The port that it really listens on. */
  readonly port: number;
  /**
   * Ends streams with UNAVAILABLE at once and unary calls that still run after `graceMs` milliseconds. Always returns:
   * grpc-js's tryShutdown waits for open calls without end (https://github.com/grpc/grpc-node/issues/1458), and its
   * forceShutdown forgets the connections of a server without channelz (grpc-js 1.14.7, `forceShutdown` in src/server.ts), so
   * calls are ended here by their signal, and nothing waits for either.
   */
  stop(graceMs: number): Promise<void>;
}

/** Serves the given services, health and, where configured, reflection. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { config, logger, services, healthState } = options;
  const drain = new AbortController();
  const cut = new AbortController();
  const server = withMiddleware(options, drain.signal, cut.signal);

  for (const { definition, handlers } of services) server.add(strictDefinition(definition), handlers);
  server.add(HealthDefinition, HealthServiceImpl(healthState));
  if (config.GRPC_REFLECTION) {
    server.add(
      ServerReflectionService,
      ServerReflection(
        fileDescriptorSet(),
        services.map(({ definition }) => definition.fullName),
      ),
    );
  }

  const port = await server.listen(`${config.GRPC_HOST}:${config.GRPC_PORT}`);
  logger.info({ host: config.GRPC_HOST, port }, 'listening');
  return {
    port,
    async stop(graceMs) {
      drain.abort();
      const closed = server.shutdown();
      if (await isDoneWithin(closed, graceMs)) return;
      logger.warn({ grace_ms: graceMs }, 'ending calls that did not finish in time');
      cut.abort();
      if (await isDoneWithin(closed, CUT_GRACE_MS)) return;
      logger.warn('closing connections whose clients do not read their answers');
      server.forceShutdown();
    },
  };
}

/** The order, outermost first, is fixed here for all services. */
function withMiddleware(
  { config, logger, verifier, services }: GrpcServerOptions,
  drainSignal: AbortSignal,
  cutSignal: AbortSignal,
): Server<RequestContextExtension> {
  const policies = new Map([...standardPolicies, ...services.flatMap((service) => [...service.policies])]);
  return (
    createServer({
      'grpc.max_receive_message_length': config.GRPC_MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': config.GRPC_MAX_MESSAGE_BYTES,
      'grpc.max_concurrent_streams': config.GRPC_MAX_STREAMS_PER_CONNECTION,
      // In megabytes, per connection; without it one connection may hold any amount of memory.
      'grpc-node.max_session_memory': 64,
      'grpc.max_connection_age_ms': config.GRPC_MAX_CONNECTION_AGE_MS,
      // No unary call may be cut by its connection's age; streams may, and resume.
      'grpc.max_connection_age_grace_ms': longestUnaryMs(services, config.GRPC_MAX_CALL_MS),
      'grpc.max_connection_idle_ms': 300_000,
      'grpc.keepalive_time_ms': 60_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.enable_channelz': 0,
    })
      // 1. Writes google.rpc details into the trailer: must see the error that step 2 makes.
      .use(errorDetailsServerMiddleware)
      // 2. Makes every throw, also one of the steps below, a status with a reason.
      .use(errorMiddleware)
      // 3. Gives the call its id and logger before anything can fail that is worth a line.
      .use(createRequestIdMiddleware(logger))
      // 4. One line per call; sees the raw error and its causes.
      .use(logMiddleware)
      // 5. Size, number and time, before the cost of checking a signature.
      .use(
        createBoundsMiddleware({
          maxCallsInFlight: config.GRPC_MAX_CALLS_IN_FLIGHT,
          maxDurationMsFor: (path) => policies.get(path)?.maxDurationMs ?? config.GRPC_MAX_CALL_MS,
          drainSignal,
          cutSignal,
        }),
      )
      // 6. Denies by default; only then the handler.
      .use(
        createAuthMiddleware({
          verifier,
          ruleFor: (path) => policies.get(path)?.access,
          onPrincipal: notePrincipal,
        }),
      )
  );
}

function longestUnaryMs(services: readonly ServiceRegistration[], defaultMs: number): number {
  const limits = services.flatMap(({ definition, policies }) =>
    Object.values(definition.methods)
      .filter(({ responseStream }) => !responseStream)
      .map(({ name }) => policies.get(`/${definition.fullName}/${name}`)?.maxDurationMs ?? defaultMs),
  );
  return Math.max(defaultMs, ...limits);
}
