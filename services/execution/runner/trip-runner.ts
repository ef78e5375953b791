import type { HostMessage, RunnerMessage } from '../src/sandbox/runner-message.ts';
import type { IsolatePool } from './isolate-pool.ts';
import type { StepResult } from './step-result.ts';

type TripMessage = Extract<HostMessage, { type: 'trip' }>;

export interface TripRunnerOptions {
  readonly isolates: IsolatePool;
  readonly send: (message: RunnerMessage) => void;
}

/** Takes each trip through its steps and reports every step as it ends. */
export class TripRunner {
  readonly #isolates: IsolatePool;
  readonly #send: (message: RunnerMessage) => void;
  readonly #cancels = new Map<number, AbortController>();

  constructor({ isolates, send }: TripRunnerOptions) {
    this.#isolates = isolates;
    this.#send = send;
  }

  /** What goes wrong in here is a fault of the runner: the rejection is left unhandled and ends the process. */
  start(trip: TripMessage): void {
    const cancel = new AbortController();
    this.#cancels.set(trip.tripId, cancel);
    // Resolved now, because the host may unload code as soon as it has sent the trip.
    const moduleUrls = trip.steps.map(({ codeId }) => this.#isolates.moduleUrlOf(codeId));
    void this.#run(trip, moduleUrls, cancel.signal);
  }

  /** The trip may have ended while the message was on its way. */
  cancel(tripId: number): void {
    this.#cancels.get(tripId)?.abort();
  }

  async #run(trip: TripMessage, moduleUrls: readonly string[], signal: AbortSignal): Promise<void> {
    const { tripId, executionId, steps } = trip;
    let input = trip.input;
    for (const [index, { codeId, timeoutMs, ...step }] of steps.entries()) {
      const isolate = await this.#isolates.acquire(codeId, moduleUrls[index] ?? '');
      const startedAt = performance.now();
      let result: StepResult | undefined;
      if (!signal.aborted) result = await isolate.run({ ...step, executionId, input }, { timeoutMs, signal });
      const durationMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
      this.#isolates.release(isolate);
      const { isTainted } = isolate;

      const isLast = index === steps.length - 1 || result?.kind === 'failure';
      if (signal.aborted || isLast) this.#cancels.delete(tripId);
      if (result === undefined || signal.aborted) {
        this.#send({ type: 'cancelled', tripId, isTainted });
        return;
      }
      this.#send({ type: 'step', tripId, index, outcome: { ...result, durationMs }, isTainted });
      if (result.kind === 'failure') return;
      input = result.outputText;
    }
  }
}
