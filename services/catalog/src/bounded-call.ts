import { createContext, Script } from 'node:vm';
import type { BoundedOutcome, RunBounded } from './domain/bounded-call.js';

/**
 * V8 can interrupt any JavaScript of the thread, regular expressions included, when it runs inside a script with a timeout. It
 * costs 0.4 ms a call. The event loop stands still for as long as the limit allows; a worker thread would keep it free, and
 * is the next step should editors not be trusted that far.
 */
export function createRunBounded({ limitMs }: { readonly limitMs: number }): RunBounded {
  const script = new Script('run()');

  return <Value>(run: () => Value): BoundedOutcome<Value> => {
    let outcome: BoundedOutcome<Value> = { kind: 'too_slow' };
    const context = createContext({
      run: () => {
        outcome = { kind: 'finished', value: run() };
      },
    });
    try {
      script.runInContext(context, { timeout: limitMs });
    } catch (error) {
      if (isStackOverflow(error)) return { kind: 'too_deep' };
      if (!isTimeout(error)) throw error;
    }
    return outcome;
  };
}

/** Made in the script's own realm, so it is no instance of this one's Error. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}
