/**
 * The outbox relay: it carries committed events from the outbox to the stream (invariant E5).
 *
 * Guarantees
 * 1. Only committed rows are published: callers hand rows over after COMMIT, and a sweep sees nothing else.
 * 2. Every committed row is published at least once, after any crash of this process and any outage of NATS or PostgreSQL:
 *    a row is marked only after the expected stream acknowledged each of its events, and a sweep takes up unmarked rows.
 * 3. Events of one resource leave this process in the order of its calls to `publish`, also across an outage. An event that
 *    fails is never overtaken by a later one of its resource, unless the stream refuses the event itself.
 * 4. A row that cannot be published (too large, damaged) delays no other row. It stays unmarked, is logged and tried again.
 * 5. `publish` and `notify` never throw and never wait.
 *
 * Not guaranteed
 * 1. Exactly once. A crash between acknowledgement and mark, or an answer that is lost, publishes again under the same id. The
 *    stream drops the repeat inside its duplicate window; after that the consumer does, by the id.
 * 2. Order between processes: a worker's `started` may arrive before the `queued` of the process that accepted the
 *    execution. Consumers order by `ce-sequence`, which has no gaps.
 * 3. That the stream still has what it once acknowledged. A wiped stream is filled from the database by its reader.
 *
 * How: rows go straight to the stream ("direct"). When sending fails, the relay forgets what it has in memory, since the
 * outbox has it all, and only sweeps, oldest row first, one process at a time ("sweeping"). Rows handed over while a sweep
 * runs are kept aside. The sweep that takes the last rows also ends the state: those kept aside are sent after it.
 */
import type { Database } from '@chain-processor/db';
import { EVENT_STREAM } from './event-names.js';
import { createOutageLog, type EventsLog } from './log.js';
import type { NatsLink } from './nats-link.js';
import { createOrderedSender } from './ordered-sender.js';
import type { OutboxRow } from './outbox.js';
import { createOutboxSweep } from './outbox-sweep.js';
import { createBackoff, createWaker, isDoneWithin } from './pacing.js';
import { createPublicationMarks } from './publication-marks.js';
import { createQuarantine } from './quarantine.js';
import { createRowPublisher } from './row-publisher.js';
import { createEventSender, isStreamMissing, NatsUnavailableError } from './send-event.js';

/** How a relay works. */
export interface OutboxRelayOptions {
  /** The database that holds the `outbox` table. */
  readonly database: Database;
  readonly nats: NatsLink;
  readonly log: EventsLog;
  /** Called when the stream seems to be gone; see `StreamSupervisor.requestCheck`. */
  readonly onStreamMissing?: () => void;
  /** Default {@link EVENT_STREAM}. */
  readonly streamName?: string;
  /** Pause between sweeps while all is well. Default 1,000. */
  readonly sweepIntervalMs?: number;
  /** A row this young is left to the process that wrote it. Default 1,000. */
  readonly minimumAgeMs?: number;
  /** Publishes under way at a time. Default 256. */
  readonly maxInFlight?: number;
  /** Events waiting in memory; rows beyond that are left to the sweep. Default 20,000. */
  readonly maxWaitingEvents?: number;
  /** Wait for one acknowledgement. Default 3,000. */
  readonly publishTimeoutMs?: number;
}

/** What a relay has done and is at. */
export interface OutboxRelayStatus {
  /** Events acknowledged since the start, repeats included. */
  readonly published: number;
  /** Those of them that the stream had already. */
  readonly duplicates: number;
  /** Events that wait in memory. */
  readonly waiting: number;
  /** False while rows reach the stream through sweeps only: at the start, in an outage, under overload. */
  readonly isDirect: boolean;
}

/** Publishes the outbox of one service. */
export interface OutboxRelay {
  /** Publishes rows that this process has committed. Returns at once. */
  publish(rows: readonly OutboxRow[]): void;
  /** Sweeps soon; for rows whose commit had an unknown outcome, and when the stream was declared anew. */
  notify(): void;
  status(): OutboxRelayStatus;
  /**
   * Finishes what is in memory, for at most `timeoutMs` (default 5,000), and stops. What is left stays in the outbox.
   */
  close(options?: { timeoutMs?: number }): Promise<void>;
}

/** Rows handed over during one sweep that are kept for after it. Beyond that the relay just sweeps once more. */
const MAX_KEPT_ASIDE = 1_000;
/** Pause while another process sweeps. */
const LOCKED_RETRY_MS = 100;
const CLOSE_TIMEOUT_MS = 5_000;

/** Makes and starts an {@link OutboxRelay}. It begins with a sweep, for rows that an earlier process left behind. */
export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const { database, nats, log, sweepIntervalMs = 1_000, minimumAgeMs = 1_000, maxInFlight = 256 } = options;
  const { streamName = EVENT_STREAM, publishTimeoutMs = 3_000, maxWaitingEvents = 20_000 } = options;
  const sendEvent = createEventSender({ nats, streamName, timeoutMs: publishTimeoutMs });
  const sender = createOrderedSender({ sendEvent, maxInFlight });
  const quarantine = createQuarantine({ nowMs: () => performance.now() });
  const publisher = createRowPublisher({ sender, quarantine, log });
  const marks = createPublicationMarks({ database, log });
  const outageLog = createOutageLog({ log, part: 'event publishing' });
  const sweep = createOutboxSweep({ database, publisher, sender, log });
  const backoff = createBackoff({ initialMs: 100, maxMs: 5_000 });
  const waker = createWaker();
  /** Rows that are being published directly, each with the end of that. */
  const direct = new Map<string, Promise<void>>();
  /** Rows handed over since the present sweep began; undefined when they became too many. */
  let keptAside: OutboxRow[] | undefined = [];
  let isDirect = false;
  let closeWasCalled = false;
  const isClosing = (): boolean => closeWasCalled;

  function publish(rows: readonly OutboxRow[]): void {
    if (isClosing()) return;
    for (const row of rows) {
      if (isDirect && nats.connection() === undefined) stopDirect(new NatsUnavailableError());
      if (isDirect && sender.waitingCount() + row.events.length > maxWaitingEvents) leaveToSweep();
      if (isDirect) publishDirect(row);
      else keptAside?.push(row);
    }
    if (keptAside !== undefined && keptAside.length > MAX_KEPT_ASIDE) keptAside = undefined;
  }

  function publishDirect(row: OutboxRow): void {
    const done = publisher.publish([{ ...row, unreadable: [] }]).then(([outcome]) => {
      direct.delete(row.id);
      if (outcome?.kind === 'published') marks.add(row.id);
      if (outcome?.kind === 'deferred') stopDirect(outcome.error);
    });
    direct.set(row.id, done);
  }

  function stopDirect(error: unknown): void {
    outageLog.failed(error);
    if (isStreamMissing(error)) options.onStreamMissing?.();
    leaveToSweep();
  }

  function leaveToSweep(): void {
    if (!isDirect) return;
    isDirect = false;
    keptAside = undefined;
    waker.wake();
  }

  function resumeDirect(sweptIds: ReadonlySet<string>): void {
    if (isDirect) return;
    const rows = (keptAside ?? []).filter(({ id }) => !sweptIds.has(id));
    isDirect = true;
    keptAside = [];
    publish(rows);
  }

  /** Sweeps once and returns the pause before the next sweep. */
  async function sweepOnce(): Promise<number> {
    if (nats.connection() === undefined) return sweepIntervalMs;
    // While one event of a row is still under way, the row counts as this process's own although its others were given up, and a
    // sweep that leaves it out would let later events overtake those.
    if (!isDirect) await Promise.all(direct.values());
    const result = await sweep({
      minimumAgeMs: isDirect ? minimumAgeMs : 0,
      exceptIds: [...direct.keys(), ...marks.pendingIds(), ...quarantine.pausedIds()],
      onBegin: () => {
        keptAside = [];
      },
    });
    if (result.kind === 'locked') return isDirect ? sweepIntervalMs : LOCKED_RETRY_MS;
    if (result.kind === 'failed') return backoff.nextMs();
    if (result.kind === 'deferred') {
      stopDirect(result.error);
      return backoff.nextMs();
    }
    backoff.reset();
    outageLog.recovered();
    if (!result.isComplete || keptAside === undefined) return 0;
    resumeDirect(result.sweptIds);
    return sweepIntervalMs;
  }

  async function run(): Promise<void> {
    while (!isClosing()) {
      const pauseMs = await sweepOnce();
      if (!isClosing()) await waker.wait(pauseMs);
    }
  }

  async function drain(): Promise<void> {
    await running;
    await Promise.all(direct.values());
    await marks.close();
  }

  async function close({ timeoutMs = CLOSE_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    closeWasCalled = true;
    stopListening();
    waker.wake();
    if (await isDoneWithin(drain(), timeoutMs)) return;
    log.warn(
      { waiting: sender.waitingCount(), timeoutMs },
      'the relay closed before all events were published',
    );
    sender.deferWaiting(new Error('the relay is closing'));
  }

  const stopListening = nats.onConnected(waker.wake);
  const running = run();

  return {
    publish,
    notify: waker.wake,
    status: () => ({ ...publisher.counts(), waiting: sender.waitingCount(), isDirect }),
    close,
  };
}
