import { OverloadedError } from '@chain-processor/errors';

export interface WorkLimiterOptions {
  /** How many pieces of work run at a time. */
  readonly concurrency: number;
  /** How many may wait for their turn. */
  readonly maxWaiting: number;
}

/**
 * Runs `work` when its turn comes, first come first served. A caller who gave up leaves the line.
 *
 * @throws OverloadedError when the line is full; the signal's reason when it aborts before the work has begun.
 */
export type WorkLimiter = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createWorkLimiter({ concurrency, maxWaiting }: WorkLimiterOptions): WorkLimiter {
  const waiting = new Set<() => void>();
  let running = 0;

  async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.size >= maxWaiting) throw new OverloadedError(concurrency + maxWaiting);
    await new Promise<void>((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        waiting.delete(start);
        reject(signal?.reason as Error);
      };
      waiting.add(start);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The turn passes on without `running` falling in between, so that nobody slips in before those who wait. */
  function passTurn(): void {
    const [next] = waiting;
    if (next === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return async (work, signal) => {
    await takeTurn(signal);
    try {
      return await work();
    } finally {
      passTurn();
    }
  };
}
