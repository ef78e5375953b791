import { HealthState } from 'nice-grpc-server-health';
import { errorFields } from './error-fields.js';
import type { Logger } from './logger.js';

/** Answers SERVING as long as the process runs at all, whatever its dependencies do: for liveness probes. */
export const LIVENESS_SERVICE = 'liveness';

export interface ReadinessCheck {
  /** What is checked, as the log names it. */
  readonly name: string;
  /** Rejects while this process should get no calls. */
  readonly check: () => Promise<void>;
}

export interface HealthMonitorOptions {
  /** Full names of the gRPC services served here. */
  readonly serviceNames: readonly string[];
  readonly checks: readonly ReadinessCheck[];
  readonly logger: Logger;
  /** Time between two rounds of checks, in milliseconds. Default 1 second. */
  readonly intervalMs?: number;
}

/** Keeps the standard health service true. */
export interface HealthMonitor {
  readonly state: HealthState;
  /** Runs the checks now and sets the status by them. */
  refresh(): Promise<void>;
  /** NOT_SERVING from here on, for good. */
  stop(): void;
}

/** Readiness, under `""` and under each service's name, follows the checks; liveness follows nothing but the process. */
export function createHealthMonitor({
  serviceNames,
  checks,
  logger,
  intervalMs = 1_000,
}: HealthMonitorOptions): HealthMonitor {
  const state = HealthState();
  const names = ['', ...serviceNames];
  let isReady: boolean | undefined;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  function setReady(ready: boolean): void {
    if (isReady === ready) return;
    isReady = ready;
    for (const name of names) state.setStatus(ready ? 'healthy' : 'unhealthy', name);
  }

  async function refresh(): Promise<void> {
    const results = await Promise.allSettled(checks.map(({ check }) => check()));
    if (isStopped) return;
    const failures = results.flatMap((result, index) =>
      result.status === 'rejected' ? [{ check: checks[index]?.name, err: errorFields(result.reason) }] : [],
    );
    if (failures.length > 0 && isReady !== false) logger.warn({ failures }, 'not ready');
    if (failures.length === 0 && isReady === false) logger.info('ready again');
    setReady(failures.length === 0);
  }

  function schedule(): void {
    if (isStopped) return;
    timer = setTimeout(() => void refresh().finally(schedule), intervalMs);
    timer.unref();
  }

  state.setStatus('healthy', LIVENESS_SERVICE);
  setReady(false);
  isReady = undefined;
  schedule();

  return {
    state,
    refresh,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      isReady = undefined;
      setReady(false);
    },
  };
}
