import { ErrorReason, invariant } from '@chain-processor/errors';
import { nextStep, type Attempt, type NodeOutcome } from '../domain/attempt.js';
import { resumePoint, type Claim } from '../domain/claim.js';
import type { SettledEnd } from '../domain/settlement.js';
import type { NodeLanguage, Plan, PlanNode } from '../domain/plan.js';
import type { NodeOutcome as SandboxOutcome, Sandbox } from '../sandbox/sandbox.js';
import { runBuiltin } from './run-builtin.js';

export interface RunChainOptions {
  readonly claim: Claim;
  readonly plan: Plan;
  readonly sandbox: Sandbox;
  /** Aborts when the claim is lost or the worker gives up. */
  readonly signal: AbortSignal;
  /** Takes each attempt as it ends. */
  readonly record: (attempt: Attempt) => void;
  /** Called between two trips; the next one begins when it resolves. */
  readonly betweenTrips: () => Promise<void>;
  readonly now: () => Date;
  readonly random: () => number;
  /** Resolves after that many milliseconds; rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Where the chain stands. */
interface Step {
  readonly node: PlanNode;
  readonly inputText: string;
  readonly attempt: number;
}

/**
 * Runs a claimed chain from where its record ends (E6) to its end. A node that fails is a result; what is thrown is the
 * engine's own trouble, and then the chain has no result and is run again from its record.
 */
export async function runChain(options: RunChainOptions): Promise<SettledEnd['result']> {
  const { claim, plan, betweenTrips, signal, random, wait } = options;
  let { position, inputText, attempt } = resumePoint(claim, plan);

  for (;;) {
    signal.throwIfAborted();
    const node = plan.nodes[position - 1];
    if (node === undefined) return { status: 'success', outputText: inputText };

    const last = await runTrip(options, { node, inputText, attempt });
    const next = nextStep(last, random());
    switch (next.kind) {
      case 'fail':
        return { status: 'failed', failure: next.failure };
      case 'next_position':
        ({ inputText } = next);
        position = last.node.position + 1;
        attempt = 1;
        break;
      case 'retry':
        ({ inputText } = last);
        position = last.node.position;
        attempt = last.number + 1;
        await wait(next.delayMs, signal);
        break;
    }
    await betweenTrips();
  }
}

/** Runs one step, or several in one trip to the sandbox, up to the first failure. Gives the last attempt. */
async function runTrip(options: RunChainOptions, first: Step): Promise<Attempt> {
  const { claim, sandbox, signal, record, now } = options;
  const { source } = first.node;
  if (source.kind === 'builtin') {
    // Builtins never wait by themselves; without this a chain of them would hold up everything else in the process.
    await new Promise(setImmediate);
    const outcome = withinTimeout(runBuiltin(source.key, first.node, first.inputText), first.node);
    const attempt = { ...first, number: first.attempt, completedAt: now(), outcome };
    record(attempt);
    return attempt;
  }

  const steps = tripFrom(options.plan, first.node, source.ownerId);
  let last: Attempt | undefined;
  await sandbox.run({
    ownerId: source.ownerId,
    executionId: claim.executionId,
    input: first.inputText,
    signal,
    nodes: steps.map(({ node, code, language }, index) => ({
      nodeId: node.nodeId,
      nodeRevision: node.nodeRevision,
      language,
      code,
      config: node.config,
      metadata: claim.metadata,
      position: node.position,
      attempt: index === 0 ? first.attempt : 1,
      timeoutMs: node.timeoutMs,
    })),
    onStepFinished: (index, outcome) => {
      const step = steps[index];
      invariant(step, `the sandbox answered for step ${index} of a trip of ${steps.length}`);
      const inputText = last?.outcome.kind === 'success' ? last.outcome.outputText : first.inputText;
      const number = index === 0 ? first.attempt : 1;
      last = { node: step.node, number, inputText, completedAt: now(), outcome: toOutcome(outcome) };
      record(last);
    },
  });
  invariant(last, `the sandbox gave no outcome for execution ${claim.executionId}`);
  return last;
}

/** A builtin cannot be interrupted, so its timeout is judged by how long it took. */
function withinTimeout(outcome: NodeOutcome, { timeoutMs }: PlanNode): NodeOutcome {
  if (outcome.durationMs <= timeoutMs) return outcome;
  return {
    kind: 'failure',
    reason: ErrorReason.NODE_TIMEOUT,
    message: `took ${Math.round(outcome.durationMs)} ms and its timeout is ${timeoutMs} ms; shorten the input or raise the timeout`,
    isTerminal: false,
    durationMs: outcome.durationMs,
  };
}

function toOutcome(outcome: SandboxOutcome): NodeOutcome {
  return outcome.kind === 'success' ? outcome : { ...outcome, reason: ErrorReason[outcome.reason] };
}

interface CodeStep {
  readonly node: PlanNode;
  readonly code: string;
  readonly language: NodeLanguage;
}

/** The consecutive code nodes of one owner from `first` on: they share a process, so they go in one trip. */
function tripFrom(plan: Plan, first: PlanNode, ownerId: string): CodeStep[] {
  const steps: CodeStep[] = [];
  for (const node of plan.nodes.slice(first.position - 1)) {
    const { source } = node;
    if (source.kind !== 'code' || source.ownerId !== ownerId) break;
    steps.push({ node, code: source.code, language: source.language });
    // What must be committed before the next step begins cannot share a trip with it.
    if (plan.commitsEachStep) break;
  }
  return steps;
}
