import type { Database, Transaction } from '@chain-processor/db';
import { appendToOutbox, type OutboxRow } from '@chain-processor/events';
import type { ExecutionEvent } from '../domain/execution-event.js';
import { toChainEvent } from './event-codec.js';

export type OutboxStore = ReturnType<typeof createOutboxStore>;

export function createOutboxStore({ database, newId }: { database: Database; newId: () => string }) {
  return {
    /** Writes one row with all events of a transaction (E5). Hand it to the relay after the commit, never before. */
    append(events: readonly ExecutionEvent[], transaction: Transaction): Promise<OutboxRow> {
      return appendToOutbox({ database, transaction, events: events.map(toChainEvent), newId });
    },
  };
}
