import type { Database, Transaction } from '@chain-processor/db';
import { createOutageLog, type EventsLog } from './log.js';
import type { OrderedSender } from './ordered-sender.js';
import { lockUnpublished, markPublished } from './outbox-store.js';
import type { RowPublisher } from './row-publisher.js';

/** Which rows a sweep takes. */
export interface SweepRequest {
  /** Younger rows are left alone. Milliseconds. */
  readonly minimumAgeMs: number;
  readonly exceptIds: readonly string[];
  /** Called before the database is asked: rows committed before this moment are seen by the sweep. */
  readonly onBegin: () => void;
}

/**
 * What became of a sweep.
 * - `swept`: the rows are published and marked, or in quarantine. `isComplete` when the sweep has seen all there were.
 * - `locked`: another process sweeps.
 * - `deferred`: NATS could not be reached for some of the rows; the others are marked.
 * - `failed`: the database could not be reached. What was published will be published again.
 */
export type SweepResult =
  | { readonly kind: 'swept'; readonly isComplete: boolean; readonly sweptIds: ReadonlySet<string> }
  | { readonly kind: 'locked' }
  | { readonly kind: 'deferred'; readonly error: unknown }
  | { readonly kind: 'failed' };

const MAX_ROWS_PER_SWEEP = 100;
/** With events of a few hundred bytes this is some ten thousand events, about a second of publishing. */
const MAX_BYTES_PER_SWEEP = 2 * 1024 * 1024;
/** A sweep publishes inside its transaction, so it must end before `idle_in_transaction_session_timeout` (10 s) ends it. */
const SWEEP_BUDGET_MS = 6_000;

/**
 * Makes the function that publishes the oldest unpublished rows, in one transaction that keeps them locked meanwhile. Should
 * the database run that transaction again, the stream drops the repeats. Never rejects.
 */
export function createOutboxSweep({
  database,
  publisher,
  sender,
  log,
}: {
  database: Database;
  publisher: RowPublisher;
  sender: OrderedSender;
  log: EventsLog;
}): (request: SweepRequest) => Promise<SweepResult> {
  const outageLog = createOutageLog({ log, part: 'outbox sweep' });

  async function sweepIn(transaction: Transaction, request: SweepRequest): Promise<SweepResult> {
    request.onBegin();
    const found = await lockUnpublished(database, transaction, {
      minimumAgeMs: request.minimumAgeMs,
      exceptIds: request.exceptIds,
      maxRows: MAX_ROWS_PER_SWEEP,
      maxBytes: MAX_BYTES_PER_SWEEP,
    });
    if (found === undefined) return { kind: 'locked' };
    const timer = setTimeout(
      () => sender.deferWaiting(new Error('the sweep ran out of time')),
      SWEEP_BUDGET_MS,
    );
    const outcomes = await publisher.publish(found.rows).finally(() => clearTimeout(timer));
    const publishedIds = found.rows.flatMap(({ id }, index) =>
      outcomes[index]?.kind === 'published' ? [id] : [],
    );
    await markPublished(database, publishedIds, transaction);
    for (const outcome of outcomes) {
      if (outcome.kind === 'deferred') return outcome;
    }
    return { kind: 'swept', isComplete: found.isComplete, sweptIds: new Set(found.rows.map(({ id }) => id)) };
  }

  return async (request) => {
    try {
      const result = await database.transaction((transaction) => sweepIn(transaction, request));
      outageLog.recovered();
      return result;
    } catch (error) {
      outageLog.failed(error);
      return { kind: 'failed' };
    }
  };
}
