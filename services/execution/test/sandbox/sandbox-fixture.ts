import { readFileSync } from 'node:fs';
import type { NodeOutcome, SandboxNode, SandboxRequest } from '../../src/sandbox/sandbox.js';

/** Sources are read where they were written: compiled tests lie in `dist/test/sandbox`. */
export const sourceFolder = new URL('../../../test/sandbox/', import.meta.url);
export const runnerFolder = new URL('../../../runner/', import.meta.url);

let nextNode = 1;

/** A node with its own id, whose code is what matters. */
export function aNode(code: string, overrides: Partial<SandboxNode> = {}): SandboxNode {
  return {
    nodeId: `node-${nextNode++}`,
    nodeRevision: 1,
    language: 'javascript',
    code,
    config: {},
    metadata: {},
    position: 1,
    attempt: 1,
    timeoutMs: 2_000,
    ...overrides,
  };
}

/** A trip over these nodes. */
export function aTrip(
  nodes: readonly SandboxNode[],
  overrides: Partial<SandboxRequest> = {},
): SandboxRequest {
  return { ownerId: 'alice', executionId: 'execution-1', input: 'text', nodes, ...overrides };
}

export function readAttempt(fileName: string): string {
  return readFileSync(new URL(`attempts/${fileName}`, sourceFolder), 'utf8');
}

export function outputOf(outcomes: readonly NodeOutcome[]): string {
  const last = outcomes.at(-1);
  if (last?.kind !== 'success') throw new Error(`expected a success and got ${JSON.stringify(last)}`);
  return last.outputText;
}

export function failureOf(outcomes: readonly NodeOutcome[]): Extract<NodeOutcome, { kind: 'failure' }> {
  const last = outcomes.at(-1);
  if (last?.kind !== 'failure') throw new Error(`expected a failure and got ${JSON.stringify(last)}`);
  return last;
}

/** Whether the process is there and not merely waiting to be reaped. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'ascii'));
  } catch {
    return false;
  }
}

/** Resolves when the condition holds; the test's own timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
