import type { Database } from '@chain-processor/db';

export interface WorkerIdentity {
  readonly id: string;
  readonly hostName: string;
  readonly processId: number;
}

export type WorkerStore = ReturnType<typeof createWorkerStore>;

/** One row per worker proves that it is alive. All times are PostgreSQL's (E7). */
export function createWorkerStore({ database }: { database: Database }) {
  return {
    /** Registers the worker, or says that it is still alive. */
    async heartbeat({ id, hostName, processId }: WorkerIdentity): Promise<void> {
      await database.query(
        `insert into workers (id, host_name, process_id) values ($1, $2, $3)
         on conflict (id) do update set heartbeat_at = clock_timestamp()`,
        { bind: [id, hostName, processId] },
      );
    },

    /** Takes the worker out: whatever it still holds may be claimed by others at once. */
    async remove(id: string): Promise<void> {
      await database.query('delete from workers where id = $1', { bind: [id] });
    },

    /** Forgets workers that have been silent for `silentMs` milliseconds. */
    async removeSilent(silentMs: number): Promise<void> {
      await database.query(
        'delete from workers where heartbeat_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)',
        { bind: [silentMs] },
      );
    },
  };
}
