import type { Consumer, ConsumerMessages, JsMsg, NatsConnection } from 'nats';
import type { NatsLink } from './nats-link.js';

/** Pulls messages of one durable consumer in small, exact portions. */
export interface MessagePuller {
  /**
   * Asks for up to `maxMessages` and yields them as they come, until that many have come, none came for about four seconds, or
   * {@link MessagePuller.stop} is called. Nothing is fetched ahead: what a worker buffers, no other worker can run, and what
   * expires in the buffer runs twice.
   *
   * @throws NatsError when stream or consumer do not exist or vanish meanwhile, or JetStream does not answer
   */
  pull(maxMessages: number): AsyncGenerator<JsMsg, void, undefined>;
  /** Ends the present pull. A message on its way at that moment is delivered again after the consumer's `ack_wait`. */
  stop(): void;
}

/** The heartbeat is half of it, so a consumer that vanished without a word is noticed after this time. */
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
  let consumer: Consumer | undefined;
  let present: ConsumerMessages | undefined;
  let stopWasCalled = false;
  const isStopped = (): boolean => stopWasCalled;

  async function consumerOn(connection: NatsConnection): Promise<Consumer> {
    consumer ??= await connection
      .jetstream({ timeout: API_TIMEOUT_MS })
      .consumers.get(streamName, consumerName);
    return consumer;
  }

  return {
    async *pull(maxMessages) {
      const connection = await nats.whenConnected();
      if (connection === undefined || isStopped()) return;
      try {
        present = await (
          await consumerOn(connection)
        ).fetch({ max_messages: maxMessages, expires: EXPIRES_MS });
        if (isStopped()) present.stop();
        yield* present;
      } catch (error) {
        consumer = undefined;
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
