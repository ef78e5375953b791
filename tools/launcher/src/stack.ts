import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalNats, LocalPostgres, LogLine, ProcessFailedError } from '@chain-processor/local-stack';
import { prepareDatabases } from './databases.js';
import { ensureSecrets } from './secrets.js';
import { serviceVariables, type ServiceVariablesOptions } from './service-variables.js';
import {
  PREFERRED_PORTS,
  SERVICE_NAMES,
  startService,
  type ServiceName,
  type ServiceProcess,
} from './services.js';
import type { StackDescription } from './stack-file.js';
import { startServers } from './start-servers.js';
import { createSupervisor, type Supervisor } from './supervisor.js';

export interface StartStackOptions {
  /** Where everything is kept; the next start on it finds the same data. */
  readonly directory: string;
  /** Where a fetched nats-server is kept. Default: `cache` in the directory. */
  readonly cacheDirectory?: string;
  readonly adminEmail: string;
  /** Default: the one kept in the directory, which is random unless it was given at the first start. */
  readonly adminPassword?: string | undefined;
  /** Variables that every service gets: `PATH`, `LOG_LEVEL`, and whatever is to differ from a service's defaults. */
  readonly serviceEnv: NodeJS.ProcessEnv;
  readonly log: LogLine;
  /** Gives the start up and stops what was started. */
  readonly signal?: AbortSignal;
}

/** The whole system, up. */
export interface LocalStack {
  /** How to reach everything, as it is now. */
  describe(): StackDescription;
  /** True when this start made up the admin's password, so that nobody knows it yet. */
  readonly isAdminPasswordNew: boolean;
  /** Resolves when a process ends that nobody stopped. */
  readonly failed: Promise<ProcessFailedError>;
  /** Kills a service as a crash would and waits for its end. */
  crash(name: ServiceName): Promise<void>;
  /** Starts a crashed service again, on the same port if it is still free. */
  restart(name: ServiceName): Promise<void>;
  /** Stops the services, then NATS, then PostgreSQL, each within a bound. The data stays. */
  stop(): Promise<void>;
  /** Ends every process at once. PostgreSQL recovers at the next start, and nothing that was committed is lost. */
  forceStop(): void;
}

/**
 * Brings the system up on one machine: PostgreSQL, NATS, migrated databases, and the three services as processes of their own.
 * Fails with what the part that failed says; everything that was started before it is stopped.
 */
export async function startStack(options: StartStackOptions): Promise<LocalStack> {
  const { directory, log, signal } = options;
  await mkdir(join(directory, 'logs'), { recursive: true, mode: 0o700 });
  const supervisor = createSupervisor();
  const { postgres, nats } = await startServers({
    directory,
    cacheDirectory: options.cacheDirectory ?? join(directory, 'cache'),
    log,
    signal,
  });
  addServers(supervisor, directory, { postgres, nats });
  try {
    return await startServices(options, supervisor, { postgres, nats });
  } catch (error) {
    await supervisor.stopAll();
    throw error;
  }
}

interface Servers {
  readonly postgres: LocalPostgres;
  readonly nats: LocalNats;
}

function addServers(supervisor: Supervisor, directory: string, { postgres, nats }: Servers): void {
  const postgresLog = join(directory, 'postgres.log');
  // SIGQUIT is PostgreSQL's own way of ending at once; after SIGKILL its children could linger.
  supervisor.add({ ...postgres, name: 'PostgreSQL', logFile: postgresLog, forceSignal: 'SIGQUIT' });
  supervisor.add({ ...nats, name: 'NATS', logFile: join(directory, 'nats.log'), forceSignal: 'SIGKILL' });
}

async function startServices(
  { directory, log, signal, ...options }: StartStackOptions,
  supervisor: Supervisor,
  { postgres, nats }: Servers,
): Promise<LocalStack> {
  const startTime = new Date().toISOString();
  const { adminEmail: email, adminPassword: givenPassword } = options;
  const { secrets, isAdminPasswordNew } = await ensureSecrets({ directory, adminPassword: givenPassword });
  const admin = { email, password: givenPassword ?? secrets.adminPassword };
  const databaseUrls = await prepareDatabases({ adminUrl: postgres.adminUrl, secrets, log });
  const parts: ServiceVariablesOptions = { common: options.serviceEnv, databaseUrls, nats, secrets, admin };
  const running = new Map<ServiceName, ServiceProcess>();

  async function start(name: ServiceName): Promise<void> {
    const startedAt = performance.now();
    const endpoints = Object.fromEntries([...running].map(([key, { endpoint }]) => [key, endpoint]));
    const logFile = join(directory, 'logs', `${name}.log`);
    const service = await startService({
      name,
      preferredPort: running.get(name)?.port ?? PREFERRED_PORTS[name],
      env: serviceVariables(name, parts, endpoints),
      logFile,
      ...(signal === undefined ? {} : { signal }),
    });
    running.set(name, service);
    supervisor.add({ ...service, logFile, forceSignal: 'SIGKILL' });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    log(`${name} is ready on ${service.endpoint} (${seconds} s)`);
  }

  function describeService(name: ServiceName): StackDescription['services'][ServiceName] {
    const service = running.get(name);
    if (service === undefined) throw new Error(`${name} was never started`);
    return { endpoint: service.endpoint, pid: service.pid, databaseUrl: databaseUrls[name] };
  }

  for (const name of SERVICE_NAMES) await start(name);
  return {
    isAdminPasswordNew,
    failed: supervisor.failed,
    stop: () => supervisor.stopAll(),
    forceStop: () => supervisor.forceAll(),
    crash: (name) => supervisor.crash(name),
    restart: start,
    describe: () => ({
      pid: process.pid,
      startTime,
      admin,
      services: {
        identity: describeService('identity'),
        catalog: describeService('catalog'),
        execution: describeService('execution'),
      },
      postgres: {
        host: postgres.host,
        port: postgres.port,
        adminUrl: postgres.adminUrl,
        pid: postgres.pid,
      },
      nats: {
        url: nats.url,
        host: nats.host,
        port: nats.port,
        user: nats.user,
        password: nats.password,
        pid: nats.pid,
      },
    }),
  };
}
