import type { JsMsg } from 'nats';
import { createAcknowledgedEvents } from './acknowledged-events.js';
import type { ChainEvent } from './chain-event.js';
import { decodeCloudEvent } from './cloud-event.js';
import { createEventConsumer } from './event-consumer.js';
import { EVENT_STREAM } from './event-names.js';
import { createOutageLog, type EventsLog } from './log.js';
import { createMessagePuller } from './message-puller.js';
import type { NatsLink } from './nats-link.js';
import { createBackoff, createWaker } from './pacing.js';

/** One event, to be acknowledged when it has been dealt with. */
export interface EventDelivery {
  readonly event: ChainEvent;
  /** Says that the event was dealt with; it will not come again. */
  ack(): void;
  /** Asks for the event again after `delayMs`. */
  retry(delayMs: number): void;
}

/** Events as they come. To be iterated once. */
export interface EventSubscription extends AsyncIterable<EventDelivery> {
  /** Resolves when the consumer exists: nothing published after that is missed. Also when the subscription is closed. */
  readonly ready: Promise<void>;
  /**
   * Ends the iteration. Events that were not acknowledged come again, within 30 seconds, to the next subscription of the same
   * durable name.
   */
  close(): Promise<void>;
}

export interface EventSubscriptionOptions {
  readonly nats: NatsLink;
  readonly log: EventsLog;
  /** Makes the name of a consumer that has no durable one. */
  readonly newId: () => string;
  /** Which subjects, wildcards allowed: `chain.execution.v1.succeeded.>`. Default all. */
  readonly subject?: string;
  /**
   * The name under which the server remembers what was acknowledged; processes that give the same name share the events.
   * Default: none, and the server forgets the consumer a minute after its process ended.
   */
  readonly durableName?: string;
  /** Where a consumer that the server does not know begins. Default `new`. */
  readonly startFrom?: 'beginning' | 'new';
}

const BATCH_SIZE = 16;
const REMEMBERED_EVENTS = 10_000;

/**
 * Subscribes to {@link EVENT_STREAM}. At least once: an event that is not acknowledged within 30 seconds comes again. One that
 * this subscription acknowledged is dropped when it is published or delivered again; whoever must be sure across restarts
 * remembers ids in its own database. Order is that of the stream, which is not always that of `sequence`. Survives
 * outages of NATS and a stream that is deleted and declared again.
 */
export function subscribeEvents(options: EventSubscriptionOptions): EventSubscription {
  const { nats, log, newId, subject, durableName, startFrom = 'new' } = options;
  const acknowledged = createAcknowledgedEvents({ capacity: REMEMBERED_EVENTS });
  const consumer = createEventConsumer({
    name: durableName ?? `ephemeral-${newId()}`,
    isDurable: durableName !== undefined,
    subject,
    startFrom,
    acknowledged,
  });
  const puller = createMessagePuller({ nats, streamName: EVENT_STREAM, consumerName: consumer.name });
  const outageLog = createOutageLog({ log, part: 'event subscription' });
  const backoff = createBackoff({ initialMs: 100, maxMs: 2_000 });
  const waker = createWaker();
  let consumerGeneration = 0;
  let closeWasCalled = false;
  const isClosing = (): boolean => closeWasCalled;
  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  /** What is to be given out for a message, if anything. */
  function receive(message: JsMsg): EventDelivery | undefined {
    let event: ChainEvent;
    try {
      event = decodeCloudEvent(message);
    } catch (error) {
      log.error(
        { err: error, streamSequence: message.seq },
        'a message of the event stream is malformed and was skipped',
      );
      message.term();
      return undefined;
    }
    const place = acknowledged.begin(message.seq);
    const generation = consumerGeneration;
    const ack = (): void => {
      acknowledged.end(place, event.id);
      // The place may belong to another event since the consumer was lost. If it does not, the repeat is dropped and acknowledged.
      if (generation === consumerGeneration) message.ack();
    };
    if (!acknowledged.isHandled(event.id)) return { event, ack, retry: (delayMs) => message.nak(delayMs) };
    ack();
    return undefined;
  }

  async function ensureConsumer(): Promise<void> {
    while (!isClosing()) {
      const connection = await nats.whenConnected();
      if (connection === undefined) break;
      try {
        await consumer.ensure(connection);
        break;
      } catch (error) {
        await fail(error);
      }
    }
    markReady();
  }

  async function fail(error: unknown): Promise<void> {
    // Without a connection the link tells of it.
    if (nats.connection() !== undefined) outageLog.failed(error);
    await waker.wait(backoff.nextMs());
  }

  async function* deliveries(): AsyncGenerator<EventDelivery, void, undefined> {
    await ensured;
    while (!isClosing() && (await nats.whenConnected()) !== undefined) {
      try {
        for await (const message of puller.pull(BATCH_SIZE)) {
          if (isClosing()) message.nak();
          const delivery = isClosing() ? undefined : receive(message);
          if (delivery !== undefined) yield delivery;
        }
        outageLog.recovered();
        backoff.reset();
      } catch (error) {
        consumerGeneration += 1;
        await fail(error);
        await ensureConsumer();
      }
    }
  }

  async function close(): Promise<void> {
    closeWasCalled = true;
    puller.stop();
    waker.wake();
    markReady();
    const connection = nats.connection();
    if (durableName !== undefined || connection === undefined) return;
    try {
      const manager = await connection.jetstreamManager({ checkAPI: false });
      await manager.consumers.delete(EVENT_STREAM, consumer.name);
    } catch (error) {
      log.debug({ err: error }, 'the consumer of a subscription could not be deleted; the server will');
    }
  }

  const ensured = ensureConsumer();
  const iterator = deliveries();
  return { ready, close, [Symbol.asyncIterator]: () => iterator };
}
