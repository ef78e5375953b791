/** Remembers rows that hold a refused event, so that they are neither given up nor keep their neighbours waiting. */
export interface Quarantine {
  /** Notes one more failed try of a row and which of its events are done. Returns the number of tries so far. */
  add(rowId: string, acknowledgedEventIds: readonly string[]): number;
  /** Events of the row that need not be sent again. */
  acknowledgedIds(rowId: string): ReadonlySet<string>;
  /** Rows whose next try is not due yet. Forgets rows whose try was due long ago: another process has dealt with them. */
  pausedIds(): readonly string[];
  delete(rowId: string): void;
}

const FIRST_PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 300_000;
const NOTHING: ReadonlySet<string> = new Set();

/**
 * Makes a {@link Quarantine}. It lives in memory only: after a restart each row is tried again at once, and consumers
 * drop the repeats of its good events by their ids.
 */
export function createQuarantine({ nowMs }: { nowMs: () => number }): Quarantine {
  const rows = new Map<string, { tries: number; retryAtMs: number; acknowledgedIds: Set<string> }>();
  return {
    add(rowId, acknowledgedEventIds) {
      const row = rows.get(rowId) ?? { tries: 0, retryAtMs: 0, acknowledgedIds: new Set<string>() };
      row.retryAtMs = nowMs() + Math.min(FIRST_PAUSE_MS * 2 ** row.tries, MAX_PAUSE_MS);
      row.tries += 1;
      for (const eventId of acknowledgedEventIds) row.acknowledgedIds.add(eventId);
      rows.set(rowId, row);
      return row.tries;
    },
    acknowledgedIds: (rowId) => rows.get(rowId)?.acknowledgedIds ?? NOTHING,
    pausedIds() {
      const now = nowMs();
      for (const [rowId, { retryAtMs }] of rows) if (retryAtMs + MAX_PAUSE_MS < now) rows.delete(rowId);
      return [...rows].filter(([, row]) => row.retryAtMs > now).map(([rowId]) => rowId);
    },
    delete(rowId) {
      rows.delete(rowId);
    },
  };
}
