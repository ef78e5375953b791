import {
  AckPolicy,
  DeliverPolicy,
  nanos,
  NatsError,
  ReplayPolicy,
  type ConsumerConfig,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import type { AcknowledgedEvents } from './acknowledged-events.js';
import { EVENT_STREAM } from './event-names.js';

/** Makes sure that a consumer of {@link EVENT_STREAM} exists, and that it goes on where its predecessor ended. */
export interface EventConsumer {
  readonly name: string;
  /** @throws NatsError when the stream does not exist or JetStream does not answer */
  ensure(connection: NatsConnection): Promise<void>;
}

const ACK_WAIT_MS = 30_000;
/** A request that was under way when the connection broke is not failed by the client; it waits for this long. */
const API_TIMEOUT_MS = 2_000;
/** How long a consumer without a durable name outlives its process. */
const INACTIVE_THRESHOLD_MS = 60_000;

/** Makes an {@link EventConsumer}. */
export function createEventConsumer({
  name,
  isDurable,
  subject,
  startFrom,
  acknowledged,
}: {
  name: string;
  isDurable: boolean;
  subject: string | undefined;
  startFrom: 'beginning' | 'new';
  acknowledged: AcknowledgedEvents;
}): EventConsumer {
  /** When the stream that was last seen was created: a stream made anew starts counting from 1 again. */
  let streamCreated: string | undefined;
  let isEverythingNew = false;

  function startingPoint(): Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_seq'> {
    const nextSequence = acknowledged.nextSequence();
    if (nextSequence !== undefined) {
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: nextSequence };
    }
    const isFromStart = startFrom === 'beginning' || isEverythingNew;
    return { deliver_policy: isFromStart ? DeliverPolicy.All : DeliverPolicy.New };
  }

  async function lookAtStream(manager: JetStreamManager): Promise<void> {
    const stream = await unlessMissing(manager.streams.info(EVENT_STREAM), () => {
      // Whatever the stream will hold once it exists came after the subscription.
      isEverythingNew = true;
    });
    if (streamCreated !== undefined && streamCreated !== stream.created) {
      isEverythingNew = true;
      acknowledged.forgetPlaces();
    }
    streamCreated = stream.created;
  }

  async function declare(manager: JetStreamManager): Promise<void> {
    try {
      const { config } = await manager.consumers.info(EVENT_STREAM, name);
      if (subject === undefined || config.filter_subject === subject) return;
      await manager.consumers.update(EVENT_STREAM, name, { ...config, filter_subject: subject });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await manager.consumers.add(EVENT_STREAM, {
        ...(isDurable ? { durable_name: name } : { name, inactive_threshold: nanos(INACTIVE_THRESHOLD_MS) }),
        ...(subject === undefined ? {} : { filter_subject: subject }),
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ACK_WAIT_MS),
        max_deliver: -1,
        replay_policy: ReplayPolicy.Instant,
        ...startingPoint(),
      });
    }
  }

  return {
    name,
    async ensure(connection) {
      const manager = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
      await lookAtStream(manager);
      await declare(manager);
      const seen = streamCreated;
      await lookAtStream(manager);
      if (seen === streamCreated) return;
      // The stream was made anew between the look and the declaration, so the consumer may start beyond all that it holds.
      await manager.consumers.delete(EVENT_STREAM, name);
      await declare(manager);
    },
  };
}

async function unlessMissing<T>(request: Promise<T>, onMissing: () => void): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) onMissing();
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof NatsError && error.api_error?.code === 404;
}
