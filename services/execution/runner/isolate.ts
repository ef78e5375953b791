import { decodeFromIsolate, type FromIsolate, type IsolateStep, type ToIsolate } from './isolate-message.ts';
import { KEPT_GLOBALS, isolateRealm } from './isolate-realm.ts';
import { crashed, outcomeOf, threw, timedOut, type StepResult } from './step-result.ts';

/** How long code may take to come to an end by itself after `ctx.signal` aborted. */
const ABORT_GRACE_MS = 100;

const realmUrl = `data:text/javascript,${encodeURIComponent(`(${isolateRealm})(${JSON.stringify(KEPT_GLOBALS)})`)}`;

export interface IsolateOptions {
  readonly codeId: string;
  readonly moduleUrl: string;
  readonly maxOutputBytes: number;
}

/**
 * One node revision in a Deno Worker, with a heap and globals of its own. It runs one step at a time, so a step that hangs
 * or blows up takes no other with it. Workers have the permissions of the process: none.
 */
export class Isolate {
  readonly codeId: string;
  readonly #maxOutputBytes: number;
  readonly #worker: Worker;
  #isUsable = true;
  #isTainted = false;
  #onAnswer: ((result: StepResult) => void) | undefined;

  static async open({ codeId, moduleUrl, maxOutputBytes }: IsolateOptions): Promise<Isolate> {
    const worker = new Worker(realmUrl, { type: 'module', name: 'node' });
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = ({ data }) =>
        decodeFromIsolate(data)?.type === 'ready'
          ? resolve()
          : reject(new TypeError('an isolate did not get ready'));
      worker.onerror = (event) => reject(new Error(`an isolate did not start: ${event.message}`));
    });
    const open: ToIsolate = { type: 'open', moduleUrl, maxOutputLength: maxOutputBytes };
    worker.postMessage(open);
    return new Isolate({ codeId, maxOutputBytes, worker });
  }

  private constructor(options: { codeId: string; maxOutputBytes: number; worker: Worker }) {
    this.codeId = options.codeId;
    this.#maxOutputBytes = options.maxOutputBytes;
    this.#worker = options.worker;
    this.#worker.onmessage = ({ data }) => this.#receive(decodeFromIsolate(data));
    this.#worker.onerror = (event) => {
      // Otherwise it would count as an uncaught error of this realm too.
      event.preventDefault();
      this.close();
      const stack = `    at ${event.filename}:${event.lineno}:${event.colno}`;
      this.#onAnswer?.(threw({ isLoading: false, name: '', message: event.message, stack }));
    };
    this.#worker.onmessageerror = () => this.#receive(undefined);
  }

  /** Whether it can run another step. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * Whether code may still be running in it. Measured with Deno 2.9.6: `terminate()` ends an isolate that is waiting, but a
   * synchronous loop goes on for ever, and only the end of the process stops it.
   */
  get isTainted(): boolean {
    return this.#isTainted;
  }

  /** Runs one step. The signal's abort is passed on to the code, which then has a moment to end. */
  async run(step: IsolateStep, limits: { timeoutMs: number; signal: AbortSignal }): Promise<StepResult> {
    const { timeoutMs, signal } = limits;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const stopAfter = (delayMs: number): void => {
      timers.push(setTimeout(() => this.#stop(timedOut(timeoutMs)), delayMs));
    };
    const abort = (): void => {
      const message: ToIsolate = { type: 'abort' };
      this.#worker.postMessage(message);
      stopAfter(ABORT_GRACE_MS);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<StepResult>((resolve) => {
        this.#onAnswer = resolve;
        stopAfter(timeoutMs);
        const message: ToIsolate = { type: 'step', step };
        this.#worker.postMessage(message);
      });
    } finally {
      this.#onAnswer = undefined;
      signal.removeEventListener('abort', abort);
      for (const timer of timers) clearTimeout(timer);
    }
  }

  close(): void {
    this.#isUsable = false;
    // An answer may be on its way already.
    this.#worker.onmessage = null;
    this.#worker.terminate();
  }

  #stop(result: StepResult): void {
    this.#isTainted = true;
    this.close();
    this.#onAnswer?.(result);
  }

  #receive(answer: FromIsolate | undefined): void {
    if (answer !== undefined && answer.type !== 'ready' && this.#onAnswer !== undefined) {
      // A module that failed to load stays failed for the life of its realm; a new isolate gets a new try.
      if (answer.type === 'noFunction' || (answer.type === 'threw' && answer.isLoading)) this.close();
      this.#onAnswer(outcomeOf(answer, this.#maxOutputBytes));
      return;
    }
    // Code has got hold of the means to talk to this realm, and its process is not trusted any further. Between two steps
    // nobody waits for an answer, so nobody would notice the taint: the process ends at once.
    if (this.#onAnswer === undefined) throw new TypeError('an isolate spoke without being asked');
    this.#stop(crashed('the node broke the protocol of its isolate'));
  }
}
