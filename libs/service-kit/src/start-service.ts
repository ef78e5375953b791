import type { ServiceRegistration } from './service-registration.js';
import type { TokenVerifier } from '@chain-processor/auth';
import { CloserStack } from './closer-stack.js';
import { startGrpcServer } from './grpc-server.js';
import { createHealthMonitor, type ReadinessCheck } from './health.js';
import type { Logger } from './logger.js';
import type { ServerConfig } from './server-config.js';

/** What a composition root hands to the kit. */
export interface ServiceParts {
  readonly verifier: TokenVerifier;
  readonly services: readonly ServiceRegistration[];
  readonly readinessChecks: readonly ReadinessCheck[];
  /** Runs once calls can arrive: loops that claim work start here. */
  readonly onListening?: () => Promise<void> | void;
  /** Runs first on shutdown, before calls are drained: stop claiming work. */
  readonly onStopping?: () => Promise<void> | void;
}

export interface StartServiceOptions {
  readonly config: ServerConfig;
  readonly logger: Logger;
  /** The composition root: acquires in order and pushes each closer. */
  readonly compose: (closers: CloserStack) => Promise<ServiceParts>;
}

/** A service that runs in this process. */
export interface RunningService {
  readonly port: number;
  /** Not ready, stop claiming, drain within SHUTDOWN_GRACE_MS, close everything in reverse order. Never rejects. */
  stop(): Promise<void>;
}

/** Composes and serves. When a step fails, what was acquired before it is closed again and the failure is thrown. */
export async function startService({
  config,
  logger,
  compose,
}: StartServiceOptions): Promise<RunningService> {
  const closers = new CloserStack({ logger });
  try {
    const parts = await compose(closers);
    const health = createHealthMonitor({
      serviceNames: parts.services.map(({ definition }) => definition.fullName),
      checks: parts.readinessChecks,
      logger,
    });
    closers.push('health monitor', () => health.stop());
    const server = await startGrpcServer({
      config,
      logger,
      verifier: parts.verifier,
      services: parts.services,
      healthState: health.state,
    });
    closers.push('grpc server', () => server.stop(config.SHUTDOWN_GRACE_MS));
    closers.push('work', () => parts.onStopping?.());
    closers.push('readiness', () => health.stop());
    await parts.onListening?.();
    await health.refresh();
    return { port: server.port, stop: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
