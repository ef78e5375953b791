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
  /** Runs on shutdown, while calls are drained: claim no more work, and end what runs within `graceMs` milliseconds. */
  readonly onStopping?: (graceMs: number) => Promise<void> | void;
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
    // Both at once and within one budget: calls wait for work, and work must not wait for calls.
    closers.push('calls and work', async () => {
      await Promise.all([
        parts.onStopping?.(config.SHUTDOWN_GRACE_MS),
        server.stop(config.SHUTDOWN_GRACE_MS),
      ]);
    });
    closers.push('readiness', () => health.stop());
    await parts.onListening?.();
    await health.refresh();
    return { port: server.port, stop: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
