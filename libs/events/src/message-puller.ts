import type { Consumer, ConsumerMessages, JsMsg, NatsConnection } from 'nats';
import type { NatsLink } from './nats-link.js';

/** Pulls messages of one durable consumer in small, exact portions. */
export interface MessagePuller {
  /**
   * Asks for up to `maxMessages` and yields them as they come, until that many have come, none came for about four seconds, or
   * {@link MessagePuller.stop} is called. Nothing is fetched ahead: what a worker buffers, no other worker can run, and what
   * expires in the buffer runs twice.
   *
   * A server may say nothing when it deletes a stream or consumer, and says nothing to a pull that comes after that. So after a
   * pull that brought less than it asked for, the next one looks first.
   *
   * @throws NatsError when stream or consumer do not exist or vanish meanwhile, or JetStream does not answer
   * @throws ConsumerReplacedError when the consumer is another one of the same name
   */
  pull(maxMessages: number): AsyncGenerator<JsMsg, void, undefined>;
  /** Ends the present pull. A message on its way at that moment is delivered again after the consumer's `ack_wait`. */
  stop(): void;
}

/** The consumer was deleted and made again since the last pull: what was pulled before cannot be acknowledged any more. */
export class ConsumerReplacedError extends Error {
  constructor(consumerName: string) {
    super(`consumer ${consumerName} was deleted and made again`);
    this.name = 'ConsumerReplacedError';
  }
}

/**
 * A consumer that vanished without a word is noticed after this time. Not by the client's heartbeats: their interval is half of
 * it, and whether the second one counts as missed before the pull ends is decided by a millisecond.
 */
const EXPIRES_MS = 4_000;
/** A request that was under way when the connection broke is not failed by the client; it waits for this long. */
const API_TIMEOUT_MS = 2_000;

/** Makes a {@link MessagePuller} over a consumer that somebody else declares. */
export function createMessagePuller({
  nats,
  streamName,
  consumerName,
}: {
  nats: NatsLink;
  streamName: string;
  consumerName: string;
}): MessagePuller {
  /** Undefined when it has to be looked up before the next pull. */
  let consumer: Consumer | undefined;
  /** When the consumer of the last pull was created; undefined after a failure, which the caller knows of. */
  let consumerCreated: string | undefined;
  let present: ConsumerMessages | undefined;
  let stopWasCalled = false;
  const isStopped = (): boolean => stopWasCalled;

  async function lookUp(connection: NatsConnection): Promise<Consumer> {
    const found = await connection
      .jetstream({ timeout: API_TIMEOUT_MS })
      .consumers.get(streamName, consumerName);
    const { created } = await found.info(true);
    if (consumerCreated !== undefined && consumerCreated !== created) {
      throw new ConsumerReplacedError(consumerName);
    }
    consumerCreated = created;
    return found;
  }

  return {
    async *pull(maxMessages) {
      const connection = await nats.whenConnected();
      if (connection === undefined || isStopped()) return;
      try {
        consumer ??= await lookUp(connection);
        present = await consumer.fetch({ max_messages: maxMessages, expires: EXPIRES_MS });
        if (isStopped()) present.stop();
        let missingCount = maxMessages;
        for await (const message of present) {
          missingCount -= 1;
          yield message;
        }
        if (missingCount > 0) consumer = undefined;
      } catch (error) {
        consumer = undefined;
        consumerCreated = undefined;
        throw error;
      } finally {
        present?.stop();
        present = undefined;
      }
    },
    stop() {
      stopWasCalled = true;
      present?.stop();
    },
  };
}
