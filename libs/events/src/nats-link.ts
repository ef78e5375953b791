import { connect, Events, type ConnectionOptions, type NatsConnection, type TlsOptions } from 'nats';
import type { EventsLog } from './log.js';
import { createOutageLog } from './log.js';
import { createBackoff, createWaker, isDoneWithin } from './pacing.js';

/** How to reach NATS. */
export interface NatsLinkOptions {
  /**
   * One server, or several separated by commas: `nats://host:4222`. A user and password in it count unless they are given
   * below; the client itself would ignore them there.
   */
  readonly url: string;
  /** Shown by the server's monitoring; the service's name. */
  readonly name: string;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly tls?: TlsOptions | undefined;
  /** True: the promise resolves after the first connection. Default false: it resolves at once, NATS up or not. */
  readonly waitForFirstConnection?: boolean | undefined;
  readonly log: EventsLog;
  /**
   * The client gave up for good without {@link NatsLink.close} being called (refused credentials, for example). Nothing
   * here recovers from that: the process should end and be started again.
   */
  readonly onClosed: (error: Error | undefined) => void;
}

/**
 * A connection to NATS that may not exist yet, may be lost, and comes back by itself for as long as it takes. NATS is
 * never required for accepting work, so everything in this library takes a link and copes with its absence.
 */
export interface NatsLink {
  /** The connection while it is usable, else undefined. */
  connection(): NatsConnection | undefined;
  /** Resolves with the connection once it is usable; with undefined when the link is closed first. */
  whenConnected(): Promise<NatsConnection | undefined>;
  /** Calls `listener` after the first connection and after every reconnection. Returns how to stop that. */
  onConnected(listener: () => void): () => void;
  /** Flushes what was published, for at most two seconds, and closes. */
  close(): Promise<void>;
}

const FLUSH_TIMEOUT_MS = 2_000;

/** Opens a {@link NatsLink}. Never throws because NATS is down; refused credentials are retried like any other failure. */
export async function connectNats(options: NatsLinkOptions): Promise<NatsLink> {
  const { log, onClosed } = options;
  const outageLog = createOutageLog({ log, part: 'nats connection' });
  const listeners = new Set<() => void>();
  const waiting = new Set<(connection: NatsConnection | undefined) => void>();
  const waker = createWaker();
  let established: NatsConnection | undefined;
  let isUsable = false;
  let closeWasCalled = false;
  const isClosing = (): boolean => closeWasCalled;

  function announce(connection: NatsConnection): void {
    isUsable = true;
    outageLog.recovered();
    for (const resolve of waiting) resolve(connection);
    waiting.clear();
    for (const listener of [...listeners]) listener();
  }

  async function watchStatus(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === Events.Disconnect) {
        isUsable = false;
        if (!isClosing()) outageLog.failed(new Error('disconnected from NATS'));
      } else if (status.type === Events.Reconnect) {
        announce(connection);
      } else if (status.type === Events.Error) {
        log.warn({ part: 'nats connection', data: status.data }, 'NATS reported an error');
      }
    }
  }

  async function watchClosed(connection: NatsConnection): Promise<void> {
    const error = await connection.closed();
    isUsable = false;
    if (!isClosing()) onClosed(error instanceof Error ? error : undefined);
  }

  // The client's own waitOnFirstConnect cannot be cancelled, so a service that stops while NATS is down would never end.
  async function establish(): Promise<void> {
    const backoff = createBackoff({ initialMs: 100, maxMs: 2_000 });
    while (!isClosing()) {
      try {
        const connection = await connect(connectionOptions(options));
        if (isClosing()) {
          await connection.close();
          return;
        }
        established = connection;
        void watchStatus(connection);
        void watchClosed(connection);
        announce(connection);
        return;
      } catch (error) {
        outageLog.failed(error);
        await waker.wait(backoff.nextMs());
      }
    }
  }

  function whenConnected(): Promise<NatsConnection | undefined> {
    if (isClosing()) return Promise.resolve(undefined);
    if (isUsable) return Promise.resolve(established);
    return new Promise((resolve) => waiting.add(resolve));
  }

  async function close(): Promise<void> {
    closeWasCalled = true;
    waker.wake();
    for (const resolve of waiting) resolve(undefined);
    waiting.clear();
    listeners.clear();
    await establishing;
    if (established === undefined || established.isClosed()) return;
    if (isUsable) await flushBeforeClose(established, log);
    await established.close();
  }

  const establishing = establish();
  if (options.waitForFirstConnection === true) await establishing;

  return {
    // Asking the connection too closes the moment between its end and the word of it.
    connection: () =>
      isUsable && !isClosing() && established?.isClosed() === false ? established : undefined,
    whenConnected,
    onConnected(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
  };
}

function connectionOptions(options: NatsLinkOptions): ConnectionOptions {
  const servers = options.url.split(',').map((server) => server.trim());
  const { token, tls } = options;
  const { user, pass } = options.user === undefined ? credentialsIn(servers) : options;
  return {
    servers: servers.map((server) => server.replace(/\/\/[^/@]*@/, '//')),
    name: options.name,
    ...(token === undefined ? {} : { token }),
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(tls === undefined ? {} : { tls }),
    // The default closes the connection for good after ten failed tries, about twenty seconds.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    timeout: 5_000,
    // A half-open connection is noticed after 15 seconds; the defaults take six minutes.
    pingInterval: 5_000,
    maxPingOut: 2,
    // Otherwise every request captures a stack trace, on the path that publishes each event.
    noAsyncTraces: true,
  };
}

function credentialsIn(servers: readonly string[]): { user?: string; pass?: string } {
  for (const server of servers) {
    if (!URL.canParse(server)) continue;
    const { username, password } = new URL(server);
    if (username !== '') return { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  }
  return {};
}

async function flushBeforeClose(connection: NatsConnection, log: EventsLog): Promise<void> {
  try {
    await isDoneWithin(connection.flush(), FLUSH_TIMEOUT_MS);
  } catch (error) {
    log.debug({ err: error }, 'flushing NATS before closing failed');
  }
}
