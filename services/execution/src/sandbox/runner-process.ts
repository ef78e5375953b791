import { randomBytes } from 'node:crypto';
import { InvariantError } from '@chain-processor/errors';
import { FRAME_KEY_BYTES, FrameDecoder, FrameEncoder } from './frame-channel.js';
import { LoadedCode, codeIdOf } from './loaded-code.js';
import { describeExit, failureOfEnd, tellsOutOfHeap, type RunnerEnd } from './runner-end.js';
import { launchRunner, type RunnerChild, type RunnerLaunchOptions } from './runner-launch.js';
import { decodeRunnerMessage, type HostMessage, type RunnerMessage } from './runner-message.js';
import { SandboxUnavailableError } from './sandbox-unavailable-error.js';
import { Trip } from './trip.js';
import { UsageWatch } from './usage-watch.js';
import type { NodeOutcome, SandboxRequest } from './sandbox.js';

// R1  Every trip that was handed to a runner ends exactly once: by its outcomes, by its signal, or by the runner's end.
// R2  A message is believed only if its frame is authentic and it fits the protocol; otherwise the runner is killed.
// R3  A runner that holds more memory than allowed, burns CPU while it has no work, or does not report a step within the
//     step's timeout and `startTimeoutMs`, is killed.
// R4  What is killed is the whole process group, and with SIGKILL: user code has no say in it.

const STDERR_TAIL_CHARACTERS = 4_096;

export interface RunnerOptions extends RunnerLaunchOptions {
  readonly maxResidentMiB: number;
  readonly maxOutputBytes: number;
  readonly maxIsolates: number;
  readonly startTimeoutMs: number;
}

/** A trip that was handed over. */
export interface StartedTrip {
  /** The result for the caller. */
  readonly settled: Promise<NodeOutcome[]>;
  /** Resolves when the runner has let go of it, which is later than `settled` when the caller gave up. */
  readonly released: Promise<void>;
}

/** One Deno process and the trips in it. It serves the nodes of one owner; whose, is the pool's business. */
export class RunnerProcess {
  /** Resolves when the process is gone. */
  readonly ended: Promise<RunnerEnd>;
  readonly #child: RunnerChild;
  readonly #options: RunnerOptions;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  readonly #loadedCode = new LoadedCode();
  readonly #trips = new Map<number, { readonly trip: Trip; readonly release: () => void }>();
  readonly #watch: UsageWatch | undefined;
  #nextTripId = 1;
  #isTainted = false;
  /** Why it is being killed, from the moment that was decided. */
  #end: RunnerEnd | undefined;
  #stderrTail = '';
  #isOutOfHeap = false;
  #onReady: (() => void) | undefined;

  /**
   * @throws SandboxUnavailableError when the process is not ready within `startTimeoutMs`, or the signal aborts.
   */
  static async start(options: RunnerOptions, signal: AbortSignal): Promise<RunnerProcess> {
    const runner = new RunnerProcess(options);
    const close = (): void => runner.#kill({ kind: 'closed' });
    signal.addEventListener('abort', close, { once: true });
    const ready = new Promise<void>((resolve) => (runner.#onReady = resolve));
    const timer = setTimeout(
      () => runner.#kill({ kind: 'crash', detail: `was not ready after ${options.startTimeoutMs} ms` }),
      options.startTimeoutMs,
    );
    const end = await Promise.race([ready, runner.ended]);
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    if (end !== undefined) {
      const detail = end.kind === 'crash' ? end.detail : end.kind;
      throw new SandboxUnavailableError(
        'its process did not start; the log of the worker says why',
        new Error(detail),
      );
    }
    return runner;
  }

  private constructor(options: RunnerOptions) {
    this.#options = options;
    this.#child = launchRunner(options);
    const keys = randomBytes(2 * FRAME_KEY_BYTES);
    this.#encoder = new FrameEncoder({ key: keys.subarray(0, FRAME_KEY_BYTES) });
    this.#decoder = new FrameDecoder({
      key: keys.subarray(FRAME_KEY_BYTES),
      // JSON spends up to six bytes on a character of one byte.
      maxPayloadBytes: 6 * options.maxOutputBytes + 65_536,
    });
    this.ended = new Promise((resolve) => {
      const finish = (observed: RunnerEnd): void => resolve(this.#finish(observed));
      this.#child.once('error', (error) =>
        finish({ kind: 'crash', detail: `could not be spawned: ${error.message}` }),
      );
      this.#child.once('close', (code, signal) =>
        finish(
          this.#isOutOfHeap
            ? { kind: 'memory', limit: 'heap' }
            : { kind: 'crash', detail: describeExit({ code, signal, stderrTail: this.#stderrTail }) },
        ),
      );
    });
    // A write to a process that has died; `close` follows and says more.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const stderr = this.#stderrTail + text;
      // V8 says this first and then prints a stack, which may be longer than the tail.
      this.#isOutOfHeap ||= tellsOutOfHeap(stderr);
      this.#stderrTail = stderr.slice(-STDERR_TAIL_CHARACTERS);
    });
    this.#watch = this.pid === undefined ? undefined : this.#watchUsage(this.pid);
    this.#child.stdin.write(keys);
    const { maxOutputBytes, maxIsolates } = options;
    this.#send({ type: 'configure', maxOutputBytes, maxIsolates });
  }

  /** Undefined when the process could not be spawned. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether trips can be handed over. */
  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /**
   * Whether it should get no new trips and be closed when it has none: code may run in it that it cannot stop, or so much
   * memory has gathered that a step would be blamed for what others left.
   */
  get isWorn(): boolean {
    return this.#isTainted || this.#watch?.isWorn === true;
  }

  /** Hands one trip over; `settled` keeps what {@link Sandbox.run} promises. */
  startTrip(request: SandboxRequest): StartedTrip {
    if (!this.isAlive)
      return refusedTrip(new SandboxUnavailableError('its process has just ended; try again'));
    if (request.signal?.aborted) return refusedTrip(request.signal.reason);
    const tripId = this.#nextTripId++;
    const trip = new Trip({
      request,
      // A step's own timer runs inside the runner. This one is for a runner that has stopped answering.
      graceMs: this.#options.startTimeoutMs,
      onOverdue: () => {
        trip.fail('NODE_TIMEOUT', 'the node did not finish in time and its process did not answer');
        this.#kill({ kind: 'crash', detail: 'stopped answering' });
      },
    });
    const cancel = (): void => {
      trip.reject(request.signal?.reason);
      this.#send({ type: 'cancel', tripId });
    };
    const released = new Promise<void>((resolve) => {
      const release = (): void => {
        this.#trips.delete(tripId);
        request.signal?.removeEventListener('abort', cancel);
        trip.stopClock();
        resolve();
      };
      this.#trips.set(tripId, { trip, release });
    });
    request.signal?.addEventListener('abort', cancel, { once: true });
    for (const message of this.#loadedCode.prepare(request.nodes)) this.#send(message);
    this.#send({
      type: 'trip',
      tripId,
      executionId: request.executionId,
      input: request.input,
      steps: request.nodes.map((node) => ({
        codeId: codeIdOf(node),
        config: node.config,
        metadata: node.metadata,
        position: node.position,
        attempt: node.attempt,
        timeoutMs: node.timeoutMs,
      })),
    });
    return { settled: trip.settled, released };
  }

  /** Kills the process and waits until it is gone. Trips in it reject with SandboxUnavailableError. */
  async close(): Promise<void> {
    this.#kill({ kind: 'closed' });
    await this.ended;
  }

  /** Kills the process without waiting. Trips in it fail as crashed. */
  abandon(): void {
    this.#kill({ kind: 'crash', detail: 'was to be replaced and did not finish its trips in time' });
  }

  #send(message: HostMessage): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(this.#encoder.encode(message));
  }

  #receive(chunk: Buffer): void {
    // What a dying runner still said is no longer believed; its trips end with it.
    if (!this.isAlive) return;
    try {
      for (const payload of this.#decoder.push(chunk)) this.#handle(decodeRunnerMessage(payload));
    } catch (error) {
      this.#kill({ kind: 'crash', detail: `broke the protocol: ${String(error)}` });
    }
  }

  #handle(message: RunnerMessage): void {
    if (message.type === 'ready') {
      this.#onReady?.();
      return;
    }
    const running = this.#trips.get(message.tripId);
    if (running === undefined) throw new InvariantError(`there is no trip ${message.tripId}`);
    this.#isTainted ||= message.isTainted;
    if (message.type === 'cancelled') {
      running.release();
      return;
    }
    const wasSettled = running.trip.isSettled;
    const goesOn = running.trip.record(message.index, message.outcome);
    if (!goesOn) running.release();
    else if (running.trip.isSettled && !wasSettled) this.#send({ type: 'cancel', tripId: message.tripId });
  }

  #watchUsage(pid: number): UsageWatch {
    return new UsageWatch({
      pid,
      maxResidentMiB: this.#options.maxResidentMiB,
      isIdle: () => this.#trips.size === 0,
      onExcess: (end) => this.#kill(end),
    });
  }

  #kill(end: RunnerEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      // It ended by itself a moment ago.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** Ends what was running (R1). What was decided before the process went outranks what its exit looks like. */
  #finish(observed: RunnerEnd): RunnerEnd {
    this.#end ??= observed;
    const end = this.#end;
    this.#watch?.stop();
    const otherSteps = this.#trips.size - 1;
    for (const { trip, release } of [...this.#trips.values()]) {
      if (end.kind === 'closed') {
        trip.reject(new SandboxUnavailableError('it is shutting down'));
      } else if (!trip.isSettled) {
        const { reason, message } = failureOfEnd(end, { ...this.#options, otherSteps });
        trip.fail(reason, message);
      }
      release();
    }
    return end;
  }
}

function refusedTrip(reason: unknown): StartedTrip {
  // An abort's reason is the caller's own value and goes back as it is.
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  return { settled: Promise.reject(reason), released: Promise.resolve() };
}
