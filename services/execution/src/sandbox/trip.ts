import { failureMessage } from '../domain/execution.js';
import type { NodeFailureReason, NodeOutcome, SandboxRequest } from './sandbox.js';

export interface TripOptions {
  readonly request: SandboxRequest;
  /** How long after a step's timeout its outcome may still come, in milliseconds. */
  readonly graceMs: number;
  /** Called once when a step's outcome does not come in that time. */
  readonly onOverdue: () => void;
}

/** A trip on its way through a runner: what has come back, and the clock of the step that is out. */
export class Trip {
  /** The result for the caller; rejects as soon as the caller gives up, even while code still runs. */
  readonly settled: Promise<NodeOutcome[]>;
  readonly #options: TripOptions;
  readonly #outcomes: NodeOutcome[] = [];
  readonly #resolve: (outcomes: NodeOutcome[]) => void;
  readonly #reject: (reason: unknown) => void;
  #isSettled = false;
  #stepStartedAt = 0;
  #overdueTimer: NodeJS.Timeout | undefined;

  constructor(options: TripOptions) {
    this.#options = options;
    const { promise, resolve, reject } = withResolvers<NodeOutcome[]>();
    this.settled = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startClock();
  }

  /**
   * Takes the outcome of step `index`. Says whether the trip goes on.
   *
   * @throws RangeError when another step is due, which only a broken runner causes.
   */
  record(index: number, outcome: NodeOutcome): boolean {
    if (index !== this.#outcomes.length)
      throw new RangeError(`step ${this.#outcomes.length} is due, ${index} came`);
    const recorded =
      outcome.kind === 'failure' ? { ...outcome, message: failureMessage(outcome.message) } : outcome;
    this.#outcomes.push(recorded);
    const goesOn = outcome.kind === 'success' && this.#outcomes.length < this.#options.request.nodes.length;
    clearTimeout(this.#overdueTimer);
    if (!this.#isSettled) {
      try {
        this.#options.request.onStepFinished?.(index, recorded);
      } catch (error) {
        this.reject(error);
      }
    }
    if (goesOn) this.#startClock();
    else this.#settle(() => this.#resolve(this.#outcomes));
    return goesOn;
  }

  /** Ends the step that is out, and with it the trip, without an answer of the runner. */
  fail(reason: NodeFailureReason, message: string): void {
    const durationMs = Math.round(performance.now() - this.#stepStartedAt);
    this.record(this.#outcomes.length, { kind: 'failure', reason, message, isTerminal: false, durationMs });
  }

  /** Ends the trip for its caller. */
  reject(reason: unknown): void {
    this.#settle(() => this.#reject(reason));
  }

  /** Whether the caller has its answer. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Stops the clock of a trip that the runner has let go of. */
  stopClock(): void {
    clearTimeout(this.#overdueTimer);
  }

  #settle(deliver: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    deliver();
  }

  #startClock(): void {
    this.#stepStartedAt = performance.now();
    const timeoutMs = this.#options.request.nodes[this.#outcomes.length]?.timeoutMs ?? 0;
    this.#overdueTimer = setTimeout(this.#options.onOverdue, timeoutMs + this.#options.graceMs);
  }
}

/** `Promise.withResolvers` of ES2024, which Node 20 lacks; delete when Node 22 is the oldest that we run on. */
function withResolvers<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (reason: unknown) => void;
} {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
