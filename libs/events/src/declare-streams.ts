import { isDeepStrictEqual } from 'node:util';
import {
  NatsError,
  type ConsumerConfig,
  type JetStreamManager,
  type NatsConnection,
  type StreamConfig,
} from 'nats';
import type { EventsLog } from './log.js';
import type { StreamDeclaration } from './stream-declarations.js';

type Declared = Readonly<Partial<StreamConfig>> | Readonly<Partial<ConsumerConfig>>;

const API_TIMEOUT_MS = 5_000;

/**
 * Settings that a server refuses to change. Deleting the stream to have its way would delete events, so that is left to a
 * person.
 */
const FIXED_SETTINGS = new Set(['retention', 'storage', 'ack_policy', 'deliver_policy', 'replay_policy']);

/**
 * Makes streams and consumers be as declared: creates what is missing and corrects what differs. Settings that cannot be
 * changed on a living stream are logged as errors and stay.
 *
 * @returns the names of the streams and consumers that were missing
 * @throws NatsError when JetStream does not answer or refuses
 */
export async function declareStreams(
  connection: NatsConnection,
  declarations: readonly StreamDeclaration[],
  log: EventsLog,
): Promise<readonly string[]> {
  const manager = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  const created: string[] = [];
  for (const { stream, consumers } of declarations) {
    if (await declareStream(manager, stream, log)) created.push(stream.name);
    for (const consumer of consumers) {
      if (await declareConsumer(manager, stream.name, consumer, log)) created.push(consumer.durable_name);
    }
  }
  return created;
}

async function declareStream(
  manager: JetStreamManager,
  stream: StreamDeclaration['stream'],
  log: EventsLog,
): Promise<boolean> {
  const actual = await foundOrUndefined(manager.streams.info(stream.name));
  if (actual === undefined) {
    await manager.streams.add({ ...stream });
    log.info({ stream: stream.name }, 'stream created');
    return true;
  }
  const changes = changeableDrift(stream, actual.config, { log, stream: stream.name });
  if (changes === undefined) return false;
  await manager.streams.update(stream.name, { ...actual.config, ...changes });
  log.warn({ stream: stream.name, settings: Object.keys(changes) }, 'stream had drifted and was corrected');
  return false;
}

async function declareConsumer(
  manager: JetStreamManager,
  streamName: string,
  consumer: StreamDeclaration['consumers'][number],
  log: EventsLog,
): Promise<boolean> {
  const name = consumer.durable_name;
  const actual = await foundOrUndefined(manager.consumers.info(streamName, name));
  if (actual === undefined) {
    await manager.consumers.add(streamName, { ...consumer });
    log.info({ stream: streamName, consumer: name }, 'consumer created');
    return true;
  }
  const changes = changeableDrift(consumer, actual.config, { log, stream: streamName, consumer: name });
  if (changes === undefined) return false;
  await manager.consumers.update(streamName, name, { ...actual.config, ...changes });
  log.warn(
    { stream: streamName, consumer: name, settings: Object.keys(changes) },
    'consumer had drifted and was corrected',
  );
  return false;
}

/** The declared settings that differ and can be changed; undefined when there are none. */
function changeableDrift(
  declared: Declared,
  actual: object,
  { log, ...names }: { log: EventsLog; stream: string; consumer?: string },
): Record<string, unknown> | undefined {
  const drifted = Object.entries(declared).filter(
    ([setting, value]) => !isDeepStrictEqual(value, Reflect.get(actual, setting)),
  );
  const fixed = drifted.filter(([setting]) => FIXED_SETTINGS.has(setting));
  if (fixed.length > 0) {
    log.error(
      { ...names, settings: fixed.map(([setting]) => setting) },
      'drift that only a new stream can correct',
    );
  }
  const changeable = drifted.filter(([setting]) => !FIXED_SETTINGS.has(setting));
  return changeable.length === 0 ? undefined : Object.fromEntries(changeable);
}

async function foundOrUndefined<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.code === 404) return undefined;
    throw error;
  }
}
