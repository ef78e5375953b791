import type { ChainEvent } from './chain-event.js';
import type { EventsLog } from './log.js';
import type { OrderedSender } from './ordered-sender.js';
import type { UnpublishedRow } from './outbox-store.js';
import type { Quarantine } from './quarantine.js';
import type { SendOutcome } from './send-event.js';

/**
 * What became of a row.
 * - `published`: the stream has every event of it.
 * - `refused`: the stream refused at least one of its events; the others are stored, and the row is in quarantine.
 * - `deferred`: NATS could not be reached for at least one of its events.
 */
export type RowOutcome =
  | { readonly kind: 'published' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'deferred'; readonly error: unknown };

/** Publishes whole rows. */
export interface RowPublisher {
  /**
   * Publishes rows. For each resource calls keep their order, and within one call events go by their sequence. Never
   * rejects; the outcomes are in the order of the rows.
   */
  publish(rows: readonly UnpublishedRow[]): Promise<readonly RowOutcome[]>;
  /** Events acknowledged since the start, and how many of those the stream had already (a repeat after a crash or timeout). */
  counts(): { readonly published: number; readonly duplicates: number };
}

interface EventInRow {
  readonly rowIndex: number;
  readonly event: ChainEvent;
}

interface SentEvent {
  readonly rowIndex: number;
  readonly eventId: string;
  readonly outcome: SendOutcome;
}

/** Makes a {@link RowPublisher} over a sender that it shares with nobody. */
export function createRowPublisher({
  sender,
  quarantine,
  log,
}: {
  sender: OrderedSender;
  quarantine: Quarantine;
  log: EventsLog;
}): RowPublisher {
  let published = 0;
  let duplicates = 0;

  async function send({ rowIndex, event }: EventInRow): Promise<SentEvent> {
    const outcome = await sender.send(event);
    if (outcome.kind === 'acknowledged') {
      published += 1;
      if (outcome.isDuplicate) duplicates += 1;
    }
    return { rowIndex, eventId: event.id, outcome };
  }

  function concludeRow(rowId: string, sent: readonly SentEvent[]): RowOutcome {
    for (const { outcome } of sent) {
      if (outcome.kind === 'deferred') return { kind: 'deferred', error: outcome.error };
    }
    const refused = sent.filter(({ outcome }) => outcome.kind === 'refused');
    if (refused.length === 0) {
      quarantine.delete(rowId);
      return { kind: 'published' };
    }
    const acknowledged = sent.filter(({ outcome }) => outcome.kind === 'acknowledged');
    const tries = quarantine.add(
      rowId,
      acknowledged.map(({ eventId }) => eventId),
    );
    for (const { eventId, outcome } of refused) {
      const error = outcome.kind === 'refused' ? outcome.error : undefined;
      log.error(
        { err: error, outboxId: rowId, eventId, tries },
        'an event was refused and will be tried again',
      );
    }
    return { kind: 'refused' };
  }

  return {
    async publish(rows) {
      const sentByRow = rows.map(unreadableEvents);
      for (const sent of await Promise.all(eventsToSend(rows, quarantine).map(send))) {
        sentByRow[sent.rowIndex]?.push(sent);
      }
      return rows.map((row, rowIndex) => concludeRow(row.id, sentByRow[rowIndex] ?? []));
    },
    counts: () => ({ published, duplicates }),
  };
}

function unreadableEvents(row: UnpublishedRow, rowIndex: number): SentEvent[] {
  return row.unreadable.map(({ eventId, error }) => ({
    rowIndex,
    eventId,
    outcome: { kind: 'refused', error },
  }));
}

function eventsToSend(rows: readonly UnpublishedRow[], quarantine: Quarantine): EventInRow[] {
  const events = rows.flatMap((row, rowIndex) => {
    const acknowledgedIds = quarantine.acknowledgedIds(row.id);
    return row.events.filter((event) => !acknowledgedIds.has(event.id)).map((event) => ({ rowIndex, event }));
  });
  // Row ids are times of the processes that made them. The sequence is exact where two of their clocks disagree.
  return events.sort((left, right) => left.event.sequence - right.event.sequence);
}
