import type { IsolateStep, ToIsolate } from './isolate-message.ts';

// The code inside an isolate, before the user's. It is sent there as text, so the function may use nothing from outside of
// itself. Types are erased, so they may come from anywhere.

/** What an isolate keeps of its global scope; the rest is removed, so what a new Deno adds is not there either. */
export const KEPT_GLOBALS: readonly string[] = [
  // ECMAScript
  'Infinity NaN undefined globalThis eval isFinite isNaN parseFloat parseInt Math JSON Intl Temporal',
  'decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape',
  'Object Function Boolean Symbol Number BigInt Date String RegExp Array Map Set WeakMap WeakSet WeakRef',
  'FinalizationRegistry Iterator Promise Proxy Reflect DisposableStack AsyncDisposableStack',
  'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError',
  'ArrayBuffer SharedArrayBuffer Atomics DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array',
  'Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array WebAssembly',
  // Harmless parts of the web platform
  'queueMicrotask setTimeout clearTimeout setInterval clearInterval structuredClone atob btoa crypto performance',
  'AbortController AbortSignal Event EventTarget DOMException TextEncoder TextDecoder URL URLSearchParams console',
].flatMap((names) => names.split(' '));

/** Runs as the main module of an isolate: takes away what nodes have no use for, then runs the steps that it is sent. */
export function isolateRealm(keptGlobals: readonly string[]): void {
  const scope = globalThis as unknown as Record<PropertyKey, unknown> & {
    addEventListener(type: string, listener: (event: { data: unknown }) => void): void;
    postMessage(message: unknown): void;
  };
  // User code may change every object of this realm. What decides about its result is fetched before it is loaded.
  const post = scope.postMessage.bind(scope);
  const slice = Function.prototype.call.bind(String.prototype.slice) as (
    text: string,
    from: number,
    to: number,
  ) => string;
  const isArray = Array.isArray;
  const toText = String;
  const Controller = AbortController;
  const freeze = Object.freeze;
  const longestText = 8_192;

  scope.addEventListener('message', ({ data }) => receive(data as ToIsolate));
  removeGlobals();
  silenceConsole();
  post({ type: 'ready' });

  let moduleUrl = '';
  let maxOutputLength = 0;
  let loaded: { default?: unknown } | undefined;
  let controller: AbortController | undefined;

  function receive(message: ToIsolate): void {
    if (message.type === 'open') ({ moduleUrl, maxOutputLength } = message);
    else if (message.type === 'abort') controller?.abort();
    else void runStep(message.step);
  }

  async function runStep(step: IsolateStep): Promise<void> {
    let isLoading = true;
    try {
      loaded ??= (await import(moduleUrl)) as { default?: unknown };
      const process = loaded.default;
      if (typeof process !== 'function') {
        post({ type: 'noFunction', found: kindOf(process) });
        return;
      }
      isLoading = false;
      controller = new Controller();
      const output: unknown = await (process as (input: string, context: unknown) => unknown)(
        step.input,
        freeze({
          config: step.config,
          metadata: step.metadata,
          execution: freeze({ id: step.executionId }),
          step: freeze({ position: step.position, attempt: step.attempt }),
          signal: controller.signal,
        }),
      );
      if (typeof output !== 'string') post({ type: 'notText', found: kindOf(output) });
      // Nothing longer need leave the isolate: in UTF-8 a string has at least as many bytes as it has code units.
      else if (output.length > maxOutputLength) post({ type: 'tooLong', length: output.length });
      else post({ type: 'returned', output });
    } catch (error) {
      const thrown = readThrown(error);
      post({ type: 'threw', isLoading, ...thrown });
    }
  }

  /** Anything can be thrown, also an object whose properties throw when they are read. */
  function readThrown(error: unknown): { name: string; message: string; stack: string } {
    try {
      if (typeof error === 'object' && error !== null) {
        const { name, message, stack } = error as Record<string, unknown>;
        return { name: shorten(name), message: shorten(message), stack: shorten(stack) };
      }
      return { name: '', message: shorten(toText(error)), stack: '' };
    } catch {
      return { name: '', message: 'the thrown value could not be read', stack: '' };
    }
  }

  function shorten(value: unknown): string {
    return typeof value === 'string' ? slice(value, 0, longestText) : '';
  }

  function kindOf(value: unknown): string {
    if (value === null) return 'null';
    return isArray(value) ? 'array' : typeof value;
  }

  function removeGlobals(): void {
    const kept = new Set<PropertyKey>(keptGlobals);
    const isSymbol = (key: PropertyKey): boolean => typeof key === 'symbol';
    for (const key of Reflect.ownKeys(scope)) {
      // Deno's own marks on the global object; without them its event methods refuse to work.
      if (isSymbol(key) || kept.has(key)) continue;
      if (!Reflect.deleteProperty(scope, key))
        throw new TypeError(`the global ${toText(key)} cannot be removed`);
    }
  }

  /** Output would go to the process's stdout, which belongs to the channel. */
  function silenceConsole(): void {
    for (const key of Reflect.ownKeys(console)) {
      if (typeof Reflect.get(console, key) === 'function') Reflect.set(console, key, () => undefined);
    }
  }
}
