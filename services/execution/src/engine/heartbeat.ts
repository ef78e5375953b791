import type { Logger } from '@chain-processor/service-kit';
import { createRepeating } from './repeating.js';
import type { WorkerIdentity, WorkerStore } from '../store/worker-store.js';

/** Rows of workers that were silent for this many leases are deleted. */
const FORGOTTEN_AFTER_LEASES = 20;

export interface Heartbeat {
  /** Registers the worker and keeps its row alive. Rejects when the first registration fails. */
  start(): Promise<void>;
  /** Takes the row out: what the worker still holds may be claimed at once. */
  stop(): Promise<void>;
}

/**
 * One row per worker, not per execution, proves that its claims stand. A worker that cannot write its row goes on: PostgreSQL
 * decides by the row whether the lease has run out (E7), and the version of each claim keeps a late writer out (E3).
 */
export function createHeartbeat({
  workers,
  worker,
  leaseMs,
  logger,
}: {
  workers: WorkerStore;
  worker: WorkerIdentity;
  leaseMs: number;
  logger: Logger;
}): Heartbeat {
  async function beat(): Promise<void> {
    try {
      await workers.heartbeat(worker);
      await workers.removeSilent(leaseMs * FORGOTTEN_AFTER_LEASES);
    } catch (error) {
      logger.warn({ err: error }, 'the heartbeat was not written');
    }
  }
  const beating = createRepeating(beat, leaseMs / 4);

  return {
    async start() {
      await workers.heartbeat(worker);
      beating.start();
    },
    async stop() {
      await beating.stop();
      await workers.remove(worker.id);
    },
  };
}
