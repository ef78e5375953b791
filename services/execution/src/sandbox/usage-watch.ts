import { readProcessUsage } from './process-usage.js';
import type { RunnerEnd } from './runner-end.js';

const INTERVAL_MS = 50;
/** An idle process that used more than half a core for this long runs code that an earlier step left behind. */
const IDLE_BURN_WINDOW_MS = 1_000;
/** Share of the resident limit from which on a process should be replaced when it is empty. */
const WORN_SHARE = 0.75;

export interface UsageWatchOptions {
  readonly pid: number;
  readonly maxResidentMiB: number;
  /** Whether the process has no work to do at the moment. */
  readonly isIdle: () => boolean;
  /** Called when the process must not go on; may be called again until the watch is stopped. */
  readonly onExcess: (end: RunnerEnd) => void;
}

/**
 * Looks at a process from outside, because no limit inside holds: V8's heap limit counts neither array buffers nor
 * WebAssembly memory, and an address space limit keeps Deno from starting.
 */
export class UsageWatch {
  readonly #options: UsageWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #isWorn = false;
  #idleSince: { readonly atMs: number; readonly cpuMs: number } | undefined;

  constructor(options: UsageWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#check(), INTERVAL_MS);
  }

  /** Whether so much memory has gathered that a step would soon be blamed for what others left. */
  get isWorn(): boolean {
    return this.#isWorn;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { pid, maxResidentMiB, isIdle, onExcess } = this.#options;
    const usage = readProcessUsage(pid);
    if (usage === undefined) return;
    if (usage.residentMiB > maxResidentMiB) onExcess({ kind: 'memory', limit: 'resident' });
    this.#isWorn ||= usage.residentMiB > maxResidentMiB * WORN_SHARE;

    const now = { atMs: performance.now(), cpuMs: usage.cpuMs };
    if (!isIdle()) this.#idleSince = undefined;
    else if (this.#idleSince === undefined) this.#idleSince = now;
    else if (now.atMs - this.#idleSince.atMs >= IDLE_BURN_WINDOW_MS) {
      const share = (now.cpuMs - this.#idleSince.cpuMs) / (now.atMs - this.#idleSince.atMs);
      if (share > 0.5) onExcess({ kind: 'crash', detail: 'used CPU while it had no work' });
      this.#idleSince = now;
    }
  }
}
