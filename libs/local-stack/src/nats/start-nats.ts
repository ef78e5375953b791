import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { claimDirectory, type DirectoryClaim } from '../host/claim-directory.js';
import { readHostEnvironment } from '../host/config.js';
import { LOOPBACK_HOST } from '../host/find-free-port.js';
import type { LogLine } from '../host/log-line.js';
import { readOrCreateSecret } from '../host/secret-file.js';
import type { ExitStatus } from '../process/exit-status.js';
import { startOnFreePort } from '../process/start-on-free-port.js';
import { startProcess } from '../process/start-process.js';
import { stopLeftovers } from '../process/stop-leftovers.js';
import { findNatsServer, type NatsServerProgram } from './find-nats-server.js';
import { renderNatsConfiguration } from './nats-configuration.js';
import { readServerInfo } from './read-server-info.js';

const USER = 'chain-processor';
const STOP_TIMEOUT_MS = 15_000;

export interface StartNatsOptions {
  /**
   * JetStream's data. Beside it lie `<it>.password` and `<it>.conf` (both mode 0600), `<it>.log` and, while it is in use,
   * `<it>.owner`.
   */
  readonly storeDirectory: string;
  /** Where a fetched nats-server is kept; may be shared by many stacks. */
  readonly cacheDirectory: string;
  /** Used if it is free. Default: a free port. */
  readonly preferredPort?: number;
  /** False lets JetStream acknowledge messages that are not on disk yet, as every server before 2.10 does. Default: true. */
  readonly fsync?: boolean;
  readonly log: LogLine;
  /** Gives the start up and stops what was started. */
  readonly signal?: AbortSignal;
}

/** A running nats-server with JetStream. */
export interface LocalNats {
  /** With user and password in it, as the `nats` tool takes it. The `nats` package ignores them there: give it the fields below. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** New at every start. */
  readonly serverName: string;
  /** `2.9.10` */
  readonly version: string;
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason. */
  readonly exited: Promise<ExitStatus>;
  /** Stops the server; the data stays. Takes at most about 15 seconds. */
  stop(): Promise<void>;
}

/**
 * Starts nats-server with JetStream on 127.0.0.1, fetching the program first when the machine has none.
 *
 * Fails with NatsServerMissingError when there is none to be had, with DirectoryInUseError when another living program serves the
 * directory, and with ProcessFailedError when the server does not come up.
 */
export async function startNats(options: StartNatsOptions): Promise<LocalNats> {
  await mkdir(dirname(options.storeDirectory), { recursive: true });
  const storeDirectory = join(
    await realpath(dirname(options.storeDirectory)),
    basename(options.storeDirectory),
  );
  const claim = await claimDirectory(storeDirectory);
  try {
    return await startClaimed({ ...options, storeDirectory }, claim);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function startClaimed(options: StartNatsOptions, claim: DirectoryClaim): Promise<LocalNats> {
  const { storeDirectory, log } = options;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const startedAt = performance.now();
  const configurationFile = `${storeDirectory}.conf`;
  await stopLeftovers({
    name: 'NATS',
    isLeftover: ({ uid, commandLine }) =>
      uid === process.getuid?.() && commandLine.endsWith(` --config ${configurationFile}`),
    signalFor: () => 'SIGTERM',
    log,
  });
  const cacheDirectory = resolve(options.cacheDirectory);
  const program = await findNatsServer({ cacheDirectory, log, ...signal });
  const password = await readOrCreateSecret(`${storeDirectory}.password`);
  await mkdir(storeDirectory, { recursive: true, mode: 0o700 });

  // New at every start: the greeting then proves that it is this server that answers on the port.
  const serverName = `local-${randomUUID()}`;
  const { server, port } = await startOnFreePort({
    ...(options.preferredPort === undefined ? {} : { preferredPort: options.preferredPort }),
    start: async (candidate) => {
      await writeConfiguration({
        options,
        program,
        configurationFile,
        serverName,
        password,
        port: candidate,
      });
      return startProcess({
        name: 'NATS',
        command: program.path,
        args: ['--config', configurationFile],
        env: readHostEnvironment().serverVariables,
        logFile: `${storeDirectory}.log`,
        readyWhen: async () => {
          const info = await readServerInfo(candidate);
          return info?.serverName === serverName && info.hasJetStream;
        },
        stopTimeoutMs: STOP_TIMEOUT_MS,
        ...signal,
      });
    },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  log(`NATS ${program.version.text} is ready on ${LOOPBACK_HOST}:${port} (${seconds} s)`);

  const stop = async () => {
    await server.stop();
    await claim.release();
  };
  let stopping: Promise<void> | undefined;
  return {
    url: `nats://${USER}:${password}@${LOOPBACK_HOST}:${port}`,
    host: LOOPBACK_HOST,
    port,
    user: USER,
    password,
    serverName,
    version: program.version.text,
    pid: server.pid,
    exited: server.exited,
    stop: () => (stopping ??= stop()),
  };
}

async function writeConfiguration({
  options: { storeDirectory, fsync = true },
  program,
  configurationFile,
  serverName,
  password,
  port,
}: {
  readonly options: StartNatsOptions;
  readonly program: NatsServerProgram;
  readonly configurationFile: string;
  readonly serverName: string;
  readonly password: string;
  readonly port: number;
}): Promise<void> {
  const text = renderNatsConfiguration({
    version: program.version,
    port,
    serverName,
    storeDirectory,
    user: USER,
    password,
    fsync,
  });
  // Removed first, because the mode counts only when the file is made.
  await rm(configurationFile, { force: true });
  await writeFile(configurationFile, text, { mode: 0o600, flag: 'wx' });
}
