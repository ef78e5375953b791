import type { RunnerProcess } from './runner-process.js';

/** A process and how many seats in it are taken. A seat is taken before its trip starts and left when the runner lets go. */
export interface SeatedRunner {
  readonly lane: OwnerLane;
  readonly process: RunnerProcess;
  readonly startedAtMs: number;
  takenSeats: number;
  /** When the last seat was left; decides who is evicted first. */
  idleSinceMs: number;
  /** Gets no new trips and is closed when it is empty. */
  isRetired: boolean;
}

/** One who waits for a seat. */
export interface SeatWaiter {
  readonly grant: (runner: SeatedRunner) => void;
  readonly refuse: (reason: unknown) => void;
}

/** The trips of one owner: those that run and, in the order they came, those that wait. */
export class OwnerLane {
  readonly ownerId: string;
  runner: SeatedRunner | undefined;
  isStarting = false;
  readonly #maxSeats: number;
  readonly #waiters = new Set<SeatWaiter>();

  constructor(options: { readonly ownerId: string; readonly maxSeats: number }) {
    this.ownerId = options.ownerId;
    this.#maxSeats = options.maxSeats;
  }

  get isWaiting(): boolean {
    return this.#waiters.size > 0;
  }

  /** Whether nothing would be lost by forgetting it. */
  get isUnused(): boolean {
    return this.runner === undefined && !this.isStarting && !this.isWaiting;
  }

  /** Resolves with a taken seat. Rejects with the signal's reason when it aborts first. */
  takeSeat(signal: AbortSignal | undefined): Promise<SeatedRunner> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        leave();
        // The reason is the caller's own value and goes back to the caller as it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(signal?.reason);
      };
      const waiter: SeatWaiter = {
        grant: (runner) => {
          leave();
          runner.takenSeats += 1;
          resolve(runner);
        },
        refuse: (reason) => {
          leave();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          reject(reason);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Gives free seats to those who wait. */
  grantSeats(): void {
    for (const waiter of this.#waiters) {
      // One that is dying keeps its place until it is gone, and nobody is sent into it.
      if (!this.runner?.process.isAlive || this.runner.takenSeats >= this.#maxSeats) return;
      waiter.grant(this.runner);
    }
  }

  refuseAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.refuse(reason);
  }
}
