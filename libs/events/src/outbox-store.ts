import type { Database, Transaction } from '@chain-processor/db';
import { z } from 'zod';
import { chainEventSchema, type ChainEvent } from './chain-event.js';
import type { OutboxRow } from './outbox.js';

/** An unpublished row. */
export interface UnpublishedRow extends OutboxRow {
  /** Elements that are no event for this version of the program, named by their place in the row. */
  readonly unreadable: readonly { readonly eventId: string; readonly error: unknown }[];
}

/** Which unpublished rows a sweep takes. */
export interface UnpublishedQuery {
  /** Younger rows are left to the process that wrote them. Milliseconds; 0 takes all. By the database's clock. */
  readonly minimumAgeMs: number;
  /** Rows that this process deals with in another way at the moment. */
  readonly exceptIds: readonly string[];
  readonly maxRows: number;
  /** Bound on the stored size of all events together; one row is always returned, whatever its size. */
  readonly maxBytes: number;
}

/** The rows of one sweep. */
export interface UnpublishedRows {
  readonly rows: readonly UnpublishedRow[];
  /** False when a bound left rows behind. */
  readonly isComplete: boolean;
}

const rowsSchema = z.array(
  z.object({ id: z.string(), events: z.array(z.unknown()), candidateCount: z.coerce.number() }),
);

/**
 * Locks the oldest unpublished rows until the transaction ends. Undefined when another process sweeps: with two sweepers
 * one could publish an execution's later row before the other has published its earlier one. `skip locked` keeps the
 * sweep from waiting for a process that is just marking its own rows.
 */
export async function lockUnpublished(
  database: Database,
  transaction: Transaction,
  { minimumAgeMs, exceptIds, maxRows, maxBytes }: UnpublishedQuery,
): Promise<UnpublishedRows | undefined> {
  const [lock] = await database.query<{ isMine: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('chain-processor outbox sweep', 0)) as "isMine"`,
    { transaction },
  );
  if (lock?.isMine !== true) return undefined;
  const found = await database.query(
    `with candidate as (
       select id, events, pg_column_size(events) as bytes
       from outbox
       where published_at is null
         and created_at <= clock_timestamp() - make_interval(secs => $1::double precision / 1000)
         and id <> all ($2::uuid[])
       order by id
       limit $3
       for update skip locked
     )
     select id, events, candidate_count as "candidateCount"
     from (
       select *, sum(bytes) over (order by id) - bytes as bytes_before, count(*) over () as candidate_count
       from candidate
     ) as measured
     where bytes_before < $4
     order by id`,
    { bind: [minimumAgeMs, exceptIds, maxRows, maxBytes], transaction },
  );
  const rows = rowsSchema.parse(found);
  const candidateCount = rows[0]?.candidateCount ?? 0;
  return {
    rows: rows.map(decodeRow),
    isComplete: candidateCount < maxRows && rows.length === candidateCount,
  };
}

/**
 * Marks rows as published. Rows that a sweeper holds are skipped, not waited for: it marks them itself.
 */
export async function markPublished(
  database: Database,
  ids: readonly string[],
  transaction?: Transaction,
): Promise<void> {
  if (ids.length === 0) return;
  await database.query(
    `update outbox set published_at = clock_timestamp()
     where id in (
       select id from outbox
       where id = any ($1::uuid[]) and published_at is null
       for update skip locked
     )`,
    { bind: [ids], ...(transaction === undefined ? {} : { transaction }) },
  );
}

/** Decodes event by event, so that one that is damaged does not keep the others of its transaction from being published. */
function decodeRow({ id, events }: { id: string; events: readonly unknown[] }): UnpublishedRow {
  const readable: ChainEvent[] = [];
  const unreadable: { eventId: string; error: unknown }[] = [];
  for (const [index, value] of events.entries()) {
    const { data: event, error } = chainEventSchema.safeParse(value);
    if (event === undefined) unreadable.push({ eventId: `events[${index}]`, error });
    else readable.push(event);
  }
  return { id, events: readable, unreadable };
}
