import type { Database, Transaction } from '@chain-processor/db';
import { invariant } from '@chain-processor/errors';
import { chainEventSchema, type ChainEvent } from './chain-event.js';

/** The events of one committed transaction, on their way to NATS. */
export interface OutboxRow {
  /** UUIDv7. */
  readonly id: string;
  /** At least one, in the order in which they happened. */
  readonly events: readonly ChainEvent[];
}

/**
 * The largest event that is accepted, headers not counted. It leaves room below the 1 MiB that a NATS server takes by
 * default. CloudEvents asks for 64 KiB at most: the writer leaves large texts out long before this bound.
 */
export const MAX_EVENT_BYTES = 768 * 1024;

/**
 * Writes one outbox row that holds all events of a transaction (E5). It belongs inside the transaction of the transitions
 * that the events tell of; hand the row to the relay after that transaction has committed, and never before.
 *
 * @throws InvariantError when there is no event, or one could never be published: wrong subject, id or sequence, or too large
 */
export async function appendToOutbox({
  database,
  transaction,
  events,
  newId,
}: {
  database: Database;
  transaction: Transaction;
  events: readonly ChainEvent[];
  /** Makes a UUIDv7. */
  newId: () => string;
}): Promise<OutboxRow> {
  invariant(events.length > 0, 'a transaction without events writes no outbox row');
  for (const event of events) assertPublishable(event);
  const row = { id: newId(), events };
  await database.query('insert into outbox (id, events) values ($1::uuid, $2::jsonb)', {
    bind: [row.id, JSON.stringify(events)],
    transaction,
  });
  return row;
}

function assertPublishable(event: ChainEvent): void {
  const { error } = chainEventSchema.safeParse(event);
  invariant(error === undefined, `event "${event.id}" could never be published: ${error?.message ?? ''}`);
  const bytes = Buffer.byteLength(JSON.stringify(event.data));
  invariant(
    bytes <= MAX_EVENT_BYTES,
    `event "${event.id}" has ${bytes} bytes of data, over ${MAX_EVENT_BYTES}`,
  );
}
