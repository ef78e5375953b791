import type { Database } from '@chain-processor/db';
import type { StoredMsg } from 'nats';
import {
  appendToOutbox,
  decodeCloudEvent,
  EVENT_STREAM,
  eventId,
  eventSubject,
  eventType,
  type ChainEvent,
  type NatsLink,
  type OutboxRow,
} from '../src/index.js';
import { newId } from './test-servers.js';

export const STRATEGY_ID = '0198b0de-0000-7000-8000-000000000001';

/** An event of an execution, different from others by its sequence. */
export function sampleEvent(executionId: string, sequence: number): ChainEvent {
  return {
    id: eventId(executionId, sequence),
    subject: eventSubject('execution', 'queued', STRATEGY_ID),
    type: eventType('execution', 'queued'),
    source: `/chainprocessor/execution/executions/${executionId}`,
    time: '2026-01-02T03:04:05.678Z',
    sequence,
    data: { executionId, sequence },
  };
}

/** Commits one outbox row, as a use case does. */
export function commitEvents(database: Database, events: readonly ChainEvent[]): Promise<OutboxRow> {
  return database.transaction((transaction) => appendToOutbox({ database, transaction, events, newId }));
}

/** Whatever the stream holds, oldest first. */
export async function readStream(nats: NatsLink): Promise<readonly StoredMsg[]> {
  const connection = await nats.whenConnected();
  if (connection === undefined) throw new Error('the link is closed');
  const manager = await connection.jetstreamManager();
  const { state } = await manager.streams.info(EVENT_STREAM);
  const messages: StoredMsg[] = [];
  if (state.messages === 0) return messages;
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    messages.push(await manager.streams.getMessage(EVENT_STREAM, { seq }));
  }
  return messages;
}

/** How many messages the stream holds; 0 when there is no stream. */
export async function countStream(nats: NatsLink): Promise<number> {
  const connection = await nats.whenConnected();
  const manager = await connection?.jetstreamManager({ checkAPI: false });
  for await (const { config, state } of manager?.streams.list() ?? []) {
    if (config.name === EVENT_STREAM) return state.messages;
  }
  return 0;
}

/** The ids in the stream, oldest first. */
export async function readIds(nats: NatsLink): Promise<readonly string[]> {
  return (await readStream(nats)).map(
    ({ subject, header, data }) => decodeCloudEvent({ subject, headers: header, data }).id,
  );
}

/** Ids of the outbox rows that are not marked. */
export async function unpublishedIds(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(
    'select id from outbox where published_at is null order by id',
  );
  return rows.map(({ id }) => id);
}
