import type { NodeFailureReason } from '../src/sandbox/sandbox.ts';
import type { FromIsolate } from './isolate-message.ts';
import { describeThrown, type Thrown } from './thrown-text.ts';

/** An outcome without its duration. */
export type StepResult =
  | { readonly kind: 'success'; readonly outputText: string }
  | {
      readonly kind: 'failure';
      readonly reason: NodeFailureReason;
      readonly message: string;
      readonly isTerminal: boolean;
    };

export function outcomeOf(
  answer: Exclude<FromIsolate, { type: 'ready' }>,
  maxOutputBytes: number,
): StepResult {
  switch (answer.type) {
    case 'returned':
      return checkOutput(answer.output, maxOutputBytes);
    case 'tooLong':
      return tooLarge(`at least ${answer.length}`, maxOutputBytes);
    case 'notText':
      return badOutput(
        `the node returned ${answer.found} instead of a string; return a string, for example from JSON.stringify`,
      );
    case 'noFunction':
      return final(
        'NODE_THREW',
        `the node's default export is ${answer.found} instead of a function; write: export default function process(input, ctx) { ... }`,
      );
    case 'threw':
      return threw(answer);
  }
}

export function threw(thrown: Thrown): StepResult {
  const isTerminal = thrown.name === 'TerminalError';
  return { kind: 'failure', reason: 'NODE_THREW', message: describeThrown(thrown), isTerminal };
}

export function timedOut(timeoutMs: number): StepResult {
  const message = `the node did not finish within its timeout of ${timeoutMs} ms; make it faster or raise the timeout of its position`;
  return { kind: 'failure', reason: 'NODE_TIMEOUT', message, isTerminal: false };
}

export function crashed(message: string): StepResult {
  return { kind: 'failure', reason: 'NODE_CRASHED', message, isTerminal: false };
}

/** PostgreSQL's text takes no NUL and no lone surrogates, and one such text would fail a whole batch (E8). */
function checkOutput(output: string, maxOutputBytes: number): StepResult {
  const bytes = new TextEncoder().encode(output).length;
  if (bytes > maxOutputBytes) return tooLarge(String(bytes), maxOutputBytes);
  if (output.includes('\0')) {
    return badOutput('the node returned text with the character U+0000, which cannot be stored; remove it');
  }
  if (!output.isWellFormed()) {
    return badOutput(
      'the node returned text with a lone surrogate; cut strings between characters, or use toWellFormed()',
    );
  }
  return { kind: 'success', outputText: output };
}

function tooLarge(size: string, maxOutputBytes: number): StepResult {
  return final(
    'NODE_OUTPUT_TOO_LARGE',
    `the node returned ${size} bytes of UTF-8 and at most ${maxOutputBytes} are allowed; return less text`,
  );
}

function badOutput(message: string): StepResult {
  return final('NODE_BAD_OUTPUT', message);
}

function final(reason: NodeFailureReason, message: string): StepResult {
  return { kind: 'failure', reason, message, isTerminal: true };
}
