import { join } from 'node:path';
import {
  findFreePort,
  LOOPBACK_HOST,
  ProcessFailedError,
  startProcess,
  type SupervisedProcess,
} from '@chain-processor/local-stack';
import { REPOSITORY_ROOT } from './config.js';
import { createHealthProbe } from './health.js';

/** In the order in which they are started: each may call those before it. */
export const SERVICE_NAMES = ['identity', 'catalog', 'execution'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Ports that are taken are replaced by free ones. */
export const PREFERRED_PORTS: Readonly<Record<ServiceName, number>> = {
  identity: 50_051,
  catalog: 50_052,
  execution: 50_053,
};

/** How long calls in flight may go on when the stack is stopped. */
const SHUTDOWN_GRACE_MS = 5_000;
/** After its grace a service needs a moment to close; then it is killed. */
const STOP_TIMEOUT_MS = 12_000;
const BIND_ATTEMPTS = 5;

/** A service that is up. */
export interface ServiceProcess extends SupervisedProcess {
  readonly port: number;
  /** `127.0.0.1:50051` */
  readonly endpoint: string;
}

export interface StartServiceOptions {
  readonly name: ServiceName;
  readonly preferredPort: number;
  /** The service's own variables; address, reflection and grace are added here. */
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly signal?: AbortSignal;
}

/** Starts a service as a process of its own and waits until it says that it is ready. */
export async function startService(options: StartServiceOptions): Promise<ServiceProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(attempt === 1 ? { preferred: options.preferredPort } : {});
    try {
      return await startOnPort(options, port);
    } catch (error) {
      if (attempt === BIND_ATTEMPTS || !isPortTaken(error)) throw error;
    }
  }
}

async function startOnPort(
  { name, env, logFile, signal }: StartServiceOptions,
  port: number,
): Promise<ServiceProcess> {
  const endpoint = `${LOOPBACK_HOST}:${port}`;
  const health = createHealthProbe(endpoint);
  try {
    const supervised = await startProcess({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', join(REPOSITORY_ROOT, 'services', name, 'dist/src/main.js')],
      env: {
        ...env,
        GRPC_HOST: LOOPBACK_HOST,
        GRPC_PORT: String(port),
        // For grpcurl and its like, which is what a person first calls it with.
        GRPC_REFLECTION: 'true',
        SHUTDOWN_GRACE_MS: String(SHUTDOWN_GRACE_MS),
      },
      logFile,
      readyWhen: async (starting) => saysListening(env, starting.lastOutput()) && (await health.isServing()),
      stopTimeoutMs: STOP_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    return { ...supervised, port, endpoint };
  } finally {
    health.close();
  }
}

/**
 * Whether the process itself says that it listens: for a moment, somebody else's service could answer on the port. A process that
 * logs no such lines is believed.
 */
function saysListening({ LOG_LEVEL = 'info' }: NodeJS.ProcessEnv, output: string): boolean {
  return ['warn', 'error', 'fatal'].includes(LOG_LEVEL) || output.includes('"msg":"listening"');
}

/** Somebody else took the port between the look and the start. */
function isPortTaken(error: unknown): boolean {
  return error instanceof ProcessFailedError && /EADDRINUSE|address already in use/i.test(error.lastOutput);
}
