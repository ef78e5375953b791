import { declareStreams } from './declare-streams.js';
import { createOutageLog, type EventsLog } from './log.js';
import type { NatsLink } from './nats-link.js';
import { createBackoff, createWaker } from './pacing.js';
import type { StreamDeclaration } from './stream-declarations.js';

/** Keeps streams and consumers as they are declared, for as long as the process lives. */
export interface StreamSupervisor {
  /** Resolves when everything has been found as declared for the first time, or the supervisor is closed. */
  readonly ready: Promise<void>;
  /** Looks soon; for those who were told that a stream or consumer does not exist. Many calls make one look. */
  requestCheck(): void;
  /** Calls `listener` after something missing was created. Returns how to stop that. */
  onCreated(listener: () => void): () => void;
  /** Stops; resolves when the present look has ended. */
  close(): Promise<void>;
}

export interface StreamSupervisorOptions {
  readonly nats: NatsLink;
  readonly declarations: readonly StreamDeclaration[];
  readonly log: EventsLog;
  /** Pause between looks that nobody asked for. Default 30,000. */
  readonly intervalMs?: number;
}

/** The least pause between two looks, however many ask. */
const MIN_PAUSE_MS = 100;

/**
 * Makes and starts a {@link StreamSupervisor}. It looks at the start, after every (re)connection, every `intervalMs`, and when
 * asked: the client never creates a stream again that was lost with a server's disk.
 */
export function createStreamSupervisor({
  nats,
  declarations,
  log,
  intervalMs = 30_000,
}: StreamSupervisorOptions): StreamSupervisor {
  const outageLog = createOutageLog({ log, part: 'stream declaration' });
  const backoff = createBackoff({ initialMs: 200, maxMs: 5_000 });
  const waker = createWaker();
  const listeners = new Set<() => void>();
  let closeWasCalled = false;
  const isClosing = (): boolean => closeWasCalled;
  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  /** Looks once and returns the pause before the next look. */
  async function look(): Promise<number> {
    const connection = nats.connection();
    if (connection === undefined) return intervalMs;
    try {
      const created = await declareStreams(connection, declarations, log);
      outageLog.recovered();
      backoff.reset();
      markReady();
      if (created.length > 0) for (const listener of [...listeners]) listener();
      return intervalMs;
    } catch (error) {
      // Lost the race against a disconnection: the connection tells of it, and the reconnection wakes us.
      if (nats.connection() !== undefined) outageLog.failed(error);
      return backoff.nextMs();
    }
  }

  async function run(): Promise<void> {
    while (!isClosing()) {
      const pauseMs = await look();
      if (isClosing()) return;
      await new Promise((resolve) => setTimeout(resolve, MIN_PAUSE_MS));
      await waker.wait(pauseMs);
    }
  }

  const stopListening = nats.onConnected(waker.wake);
  const running = run();

  return {
    ready,
    requestCheck: waker.wake,
    onCreated(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closeWasCalled = true;
      stopListening();
      waker.wake();
      await running;
      markReady();
    },
  };
}
