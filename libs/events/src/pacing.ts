/** Growing pauses between tries. */
export interface Backoff {
  /** The pause before the next try, in milliseconds; doubles with each call, with up to a quarter of jitter taken off. */
  nextMs(): number;
  /** Starts over after a success. */
  reset(): void;
}

/** Makes a {@link Backoff} from `initialMs` to `maxMs`. */
export function createBackoff({
  initialMs,
  maxMs,
  random = Math.random,
}: {
  initialMs: number;
  maxMs: number;
  random?: () => number;
}): Backoff {
  let currentMs = initialMs;
  return {
    nextMs() {
      const pauseMs = currentMs * (1 - random() / 4);
      currentMs = Math.min(currentMs * 2, maxMs);
      return pauseMs;
    },
    reset() {
      currentMs = initialMs;
    },
  };
}

/** A pause that can be cut short. */
export interface Waker {
  /** Resolves after `ms`, or as soon as {@link Waker.wake} is called; at once when it was called since the last wait. */
  readonly wait: (ms: number) => Promise<void>;
  readonly wake: () => void;
}

/** Makes a {@link Waker} for one waiting loop. A wake that finds nobody waiting is remembered, so none is ever lost. */
export function createWaker(): Waker {
  let isAwake = false;
  let endWait: (() => void) | undefined;
  return {
    async wait(ms) {
      if (!isAwake) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          endWait = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        endWait = undefined;
      }
      isAwake = false;
    },
    wake() {
      isAwake = true;
      endWait?.();
    },
  };
}

/** Whether `work` ends within `timeoutMs`. It goes on in any case, and its failure is this function's. */
export async function isDoneWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
