import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { invariant } from '@chain-processor/errors';
import { resolveDenoBinary } from './deno-binary.js';
import { OwnerLane, type SeatedRunner } from './owner-lane.js';
import type { RunnerEnd } from './runner-end.js';
import { RunnerProcess } from './runner-process.js';
import { SandboxFolders } from './sandbox-folders.js';
import type { SandboxOptions } from './sandbox-options.js';
import { SandboxUnavailableError } from './sandbox-unavailable-error.js';
import type { NodeOutcome, Sandbox, SandboxRequest } from './sandbox.js';

// S1  A process serves one owner for its whole life; code of two owners never meets in one.
// S2  There are never more than `maxRunners` processes, those that are starting or on their way out included.
// S3  An owner that waits for a process gets one: idle ones are evicted, least recently used first, and a busy one that has
//     had its turn is emptied and closed.
// S4  A process that may hold code nobody can stop, or is near its memory limit, gets no new trips and is closed when it is
//     empty, or after `drainMs`.

const CLOSE_TIMEOUT_MS = 5_000;

/** Runs user code in Deno processes on this machine. */
export class SandboxPool implements Sandbox {
  readonly #options: Required<SandboxOptions>;
  readonly #lanes = new Map<string, OwnerLane>();
  /** Lanes that need a process, in the order in which they asked. */
  readonly #queue = new Set<OwnerLane>();
  /** Starts that are under way. */
  readonly #starts = new Set<Promise<void>>();
  readonly #runners = new Set<SeatedRunner>();
  readonly #closed = new AbortController();
  #folders: SandboxFolders | undefined;
  #closing: Promise<void> | undefined;

  /** @throws SandboxUnavailableError when Deno is not installed. */
  constructor(options: SandboxOptions = {}) {
    this.#options = {
      maxRunners: 8,
      maxTripsPerRunner: 4,
      maxIsolatesPerRunner: 16,
      heapMiB: 64,
      maxResidentMiB: 512,
      maxOutputBytes: 1_048_576,
      startTimeoutMs: 10_000,
      drainMs: 5_000,
      turnMs: 1_000,
      temporaryFolder: tmpdir(),
      denoBinary: options.denoBinary ?? resolveDenoBinary(),
      log: () => undefined,
      ...options,
    };
    const { maxIsolatesPerRunner, maxTripsPerRunner, log } = this.#options;
    invariant(
      maxIsolatesPerRunner >= maxTripsPerRunner,
      'every trip in a runner needs an isolate of its own',
    );
    if (process.platform !== 'linux') {
      const { platform } = process;
      log('warn', 'memory of sandbox processes is not watched on this platform', { platform });
    }
  }

  async run(request: SandboxRequest): Promise<NodeOutcome[]> {
    invariant(request.nodes.length > 0, 'a trip has at least one node');
    const runner = await this.#takeSeat(request.ownerId, request.signal);
    const { settled, released } = runner.process.startTrip(request);
    void released.then(() => this.#leaveSeat(runner));
    return await settled;
  }

  async warm(ownerId: string): Promise<void> {
    this.#leaveSeat(await this.#takeSeat(ownerId, undefined));
  }

  /** Process ids of the runners that are up. */
  get pids(): number[] {
    return [...this.#runners].flatMap(({ process: { pid } }) => pid ?? []);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #takeSeat(ownerId: string, signal: AbortSignal | undefined): Promise<SeatedRunner> {
    signal?.throwIfAborted();
    if (this.#closed.signal.aborted) throw new SandboxUnavailableError('it is shutting down');
    const lane =
      this.#lanes.get(ownerId) ?? new OwnerLane({ ownerId, maxSeats: this.#options.maxTripsPerRunner });
    this.#lanes.set(ownerId, lane);
    const seat = lane.takeSeat(signal);
    this.#serve(lane);
    return await seat;
  }

  #leaveSeat(runner: SeatedRunner): void {
    runner.takenSeats -= 1;
    runner.idleSinceMs = performance.now();
    const hadItsTurn = this.#queue.size > 0 && runner.idleSinceMs - runner.startedAtMs > this.#options.turnMs;
    if (runner.process.isWorn || hadItsTurn) this.#retire(runner);
    if (runner.isRetired && runner.takenSeats === 0) void runner.process.close();
    this.#serve(runner.lane);
  }

  /** Does for a lane what can be done now; called after everything that changes what can be done. */
  #serve(lane: OwnerLane): void {
    lane.grantSeats();
    if (lane.isWaiting && lane.runner === undefined && !lane.isStarting) this.#queue.add(lane);
    // The owner may have a new lane by now, when this one has been without use before.
    if (lane.isUnused && this.#lanes.get(lane.ownerId) === lane) this.#lanes.delete(lane.ownerId);
    this.#serveQueue();
  }

  #serveQueue(): void {
    if (this.#closed.signal.aborted) return;
    for (const lane of this.#queue) {
      // Those who waited may have given up.
      if (lane.isWaiting && this.#starts.size + this.#runners.size >= this.#options.maxRunners) break;
      this.#queue.delete(lane);
      if (lane.isWaiting) this.#start(lane);
    }
    this.#evict(this.#queue.size);
  }

  /** Sees to it that `count` processes are on their way out, as far as there are idle ones. */
  #evict(count: number): void {
    const runners = [...this.#runners].sort((one, other) => one.idleSinceMs - other.idleSinceMs);
    const isLeaving = ({ process, isRetired, takenSeats }: SeatedRunner): boolean =>
      !process.isAlive || (isRetired && takenSeats === 0);
    const isIdle = (runner: SeatedRunner): boolean => runner.takenSeats === 0 && !isLeaving(runner);
    const missing = count - runners.filter(isLeaving).length;
    for (const runner of runners.filter(isIdle).slice(0, Math.max(0, missing))) {
      this.#retire(runner);
      void runner.process.close();
    }
  }

  #start(lane: OwnerLane): void {
    lane.isStarting = true;
    const start = this.#startRunner(lane).then(
      (runner) => {
        lane.runner = runner;
        this.#runners.add(runner);
      },
      (error: unknown) => {
        const reason =
          error instanceof SandboxUnavailableError
            ? error
            : new SandboxUnavailableError(
                'no process could be started; the log of the worker says why',
                error,
              );
        const detail = reason.cause instanceof Error ? reason.cause.message : reason.message;
        this.#options.log('warn', 'sandbox process did not start', { owner_id: lane.ownerId, detail });
        lane.refuseAll(reason);
      },
    );
    const over = start.then(() => {
      this.#starts.delete(over);
      lane.isStarting = false;
      this.#serve(lane);
    });
    this.#starts.add(over);
  }

  async #startRunner(lane: OwnerLane): Promise<SeatedRunner> {
    const { log, maxIsolatesPerRunner: maxIsolates, temporaryFolder, ...limits } = this.#options;
    const startedAtMs = performance.now();
    const folders = (this.#folders ??= SandboxFolders.create(temporaryFolder));
    const cacheFolder = folders.createCache();
    try {
      const options = { ...limits, maxIsolates, workFolder: folders.work, cacheFolder };
      const process = await RunnerProcess.start(options, this.#closed.signal);
      const runner = {
        lane,
        process,
        startedAtMs,
        takenSeats: 0,
        idleSinceMs: startedAtMs,
        isRetired: false,
      };
      void process.ended.then((end) => this.#onEnded(runner, end, cacheFolder));
      log('info', 'sandbox process started', {
        owner_id: lane.ownerId,
        pid: process.pid ?? 0,
        start_ms: Math.round(performance.now() - startedAtMs),
      });
      return runner;
    } catch (error) {
      this.#removeCache(cacheFolder);
      throw error;
    }
  }

  #onEnded(runner: SeatedRunner, end: RunnerEnd, cacheFolder: string): void {
    const { lane, process } = runner;
    this.#runners.delete(runner);
    if (lane.runner === runner) lane.runner = undefined;
    const fields = { owner_id: lane.ownerId, pid: process.pid ?? 0, end: end.kind };
    const { log } = this.#options;
    if (end.kind === 'closed') log('info', 'sandbox process closed', fields);
    else if (end.kind === 'memory') log('warn', 'sandbox process ended', { ...fields, limit: end.limit });
    else log('warn', 'sandbox process ended', { ...fields, detail: end.detail });
    this.#removeCache(cacheFolder);
    this.#serve(lane);
  }

  /** What is left behind costs some room until the sandbox is closed, and no step. */
  #removeCache(cacheFolder: string): void {
    try {
      this.#folders?.removeCache(cacheFolder);
    } catch (error) {
      this.#options.log('warn', 'a cache folder of a sandbox process could not be removed', {
        detail: String(error),
      });
    }
  }

  /** Takes a process out of its lane; it goes on with the trips in it for a while. */
  #retire(runner: SeatedRunner): void {
    if (runner.isRetired) return;
    runner.isRetired = true;
    if (runner.lane.runner === runner) runner.lane.runner = undefined;
    const timer = setTimeout(() => runner.process.abandon(), this.#options.drainMs);
    void runner.process.ended.then(() => clearTimeout(timer));
  }

  async #closeAll(): Promise<void> {
    this.#closed.abort();
    const reason = new SandboxUnavailableError('it is shutting down');
    for (const lane of this.#lanes.values()) lane.refuseAll(reason);
    const gone = Promise.all(this.#starts).then(() =>
      Promise.all([...this.#runners].map(({ process }) => process.close())),
    );
    // A killed process that hangs in the kernel must not keep the worker from ending; it has lost its stdin by then.
    await Promise.race([gone, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    this.#folders?.remove();
  }
}
