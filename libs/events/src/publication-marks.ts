import type { Database } from '@chain-processor/db';
import type { EventsLog } from './log.js';
import { createOutageLog } from './log.js';
import { markPublished } from './outbox-store.js';
import { createBackoff } from './pacing.js';

/** Marks published rows, many with one statement. */
export interface PublicationMarks {
  /** Will mark the row within about {@link LINGER_MS}, or as soon as the database is back. Never throws. */
  add(rowId: string): void;
  /** Rows that are published but not marked yet. */
  pendingIds(): readonly string[];
  /** Marks what is pending with one last try and stops. */
  close(): Promise<void>;
}

/** Long enough that a busy process marks ten times a second, short enough that no other process sweeps the rows meanwhile. */
const LINGER_MS = 100;
const MAX_ROWS_PER_STATEMENT = 1_000;

/** Makes {@link PublicationMarks}. Marks lost with the process cost only a repeat: the sweep publishes the row again. */
export function createPublicationMarks({
  database,
  log,
}: {
  database: Database;
  log: EventsLog;
}): PublicationMarks {
  const pending = new Set<string>();
  const outageLog = createOutageLog({ log, part: 'outbox marks' });
  const backoff = createBackoff({ initialMs: LINGER_MS, maxMs: 5_000 });
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let isClosed = false;

  async function flush(): Promise<void> {
    const ids = [...pending].slice(0, MAX_ROWS_PER_STATEMENT);
    try {
      await markPublished(database, ids);
      for (const id of ids) pending.delete(id);
      outageLog.recovered();
      backoff.reset();
    } catch (error) {
      outageLog.failed(error);
    }
  }

  function schedule(): void {
    if (isClosed || timer !== undefined || flushing !== undefined || pending.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      flushing = flush().finally(() => {
        flushing = undefined;
        schedule();
      });
    }, backoff.nextMs());
  }

  return {
    add(rowId) {
      pending.add(rowId);
      schedule();
    },
    pendingIds: () => [...pending],
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await flushing;
      while (pending.size > 0) {
        const before = pending.size;
        await flush();
        if (pending.size >= before) return;
      }
    },
  };
}
