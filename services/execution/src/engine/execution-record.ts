import { failureOf, nextStep, type Attempt } from '../domain/attempt.js';
import type { Claim } from '../domain/claim.js';
import type { NodeExecution, SettledStep } from '../domain/execution.js';
import { summarizeSteps, type ExecutionEvent } from '../domain/execution-event.js';
import type { Plan } from '../domain/plan.js';
import type { SettledEnd, Settlement } from '../domain/settlement.js';

/** The claim is another worker's by now, or the execution has ended: whatever this worker still does is void (E3). */
export class ClaimLostError extends Error {
  constructor(executionId: string) {
    super(`the claim on execution ${executionId} is lost`);
    this.name = 'ClaimLostError';
  }
}

export interface ExecutionRecordOptions {
  readonly claim: Claim;
  readonly plan: Plan;
  /** Commits; false when the claim is lost. */
  readonly settle: (settlement: Settlement) => Promise<boolean>;
  readonly newId: () => string;
  readonly now: () => Date;
}

/**
 * What one claimed execution has done and not yet committed. Numbers its events (E5) and submits its settlements one after the
 * other, so that they are committed in order.
 */
export class ExecutionRecord {
  readonly #options: ExecutionRecordOptions;
  /** Of this claim and those before, without texts. */
  readonly #attempts: NodeExecution[];
  #steps: SettledStep[] = [];
  #events: ExecutionEvent[] = [];
  /** A failure that ends the chain. It is committed with the end only: were it alone in the record, a resume would try again. */
  #decisive: SettledStep | undefined;
  #eventSequence: number;
  #committing: Promise<void> = Promise.resolve();

  constructor(options: ExecutionRecordOptions) {
    this.#options = options;
    this.#attempts = [...options.claim.recorded];
    this.#eventSequence = options.claim.eventSequence;
  }

  /** Takes an attempt; it is committed with the next {@link commit} or {@link end}. */
  add(attempt: Attempt): void {
    // Whether the chain goes on from a failure does not depend on chance, so any number will do for the jitter.
    const next = nextStep(attempt, 0);
    const step = this.#toSettledStep(attempt, next.kind === 'next_position' ? next.inputText : undefined);
    const { inputText: _input, outputText: _output, ...withoutTexts } = step;
    this.#attempts.push(withoutTexts);
    if (next.kind === 'fail') this.#decisive = step;
    else this.#push(step);
  }

  /** Length of the texts that wait to be committed. */
  get waitingLength(): number {
    return this.#steps.reduce((sum, step) => sum + step.inputText.length + (step.outputText?.length ?? 0), 0);
  }

  /** Whether something waits to be committed. */
  get isDirty(): boolean {
    return this.#steps.length > 0;
  }

  /** Commits what waits. Rejects with ClaimLostError when the claim is lost. */
  commit(): Promise<void> {
    return this.#enqueue(undefined);
  }

  /** Commits what waits together with the terminal state. */
  end(result: SettledEnd['result']): Promise<void> {
    const { claim, plan, now } = this.#options;
    if (this.#decisive !== undefined) this.#push(this.#decisive);
    const completedAt = now();
    const executionTimeMs = Math.max(0, completedAt.getTime() - claim.startedAt.getTime());
    const steps = summarizeSteps(plan, this.#attempts);
    const event = { ...this.#nextEvent(completedAt), executionTimeMs, steps };
    if (result.status === 'success') {
      this.#events.push({ ...event, kind: 'succeeded', outputText: result.outputText });
    } else {
      const nodeId = plan.nodes.find(({ position }) => position === result.failure.position)?.nodeId;
      this.#events.push({ ...event, kind: 'failed', failure: result.failure, nodeId });
    }
    return this.#enqueue({ completedAt, executionTimeMs, result });
  }

  #enqueue(end: SettledEnd | undefined): Promise<void> {
    const { claim, settle } = this.#options;
    this.#committing = this.#committing.then(async () => {
      if (this.#steps.length === 0 && end === undefined) return;
      const settlement: Settlement = {
        executionId: claim.executionId,
        version: claim.version,
        steps: this.#steps,
        events: this.#events,
        end,
      };
      this.#steps = [];
      this.#events = [];
      if (!(await settle(settlement))) throw new ClaimLostError(claim.executionId);
    });
    return this.#committing;
  }

  #nextEvent(time: Date) {
    const { executionId, strategyId, strategyRevision, createdById } = this.#options.claim;
    this.#eventSequence += 1;
    return { executionId, strategyId, strategyRevision, createdById, sequence: this.#eventSequence, time };
  }

  #push(step: SettledStep): void {
    this.#steps.push(step);
    const { plan } = this.#options;
    if (!plan.hasStepEvents) return;
    const kind = step.status === 'success' ? 'node_succeeded' : 'node_failed';
    const nodeName = plan.nodes[step.position - 1]?.nodeName ?? '';
    this.#events.push({ ...this.#nextEvent(step.completedAt), kind, nodeName, step });
  }

  #toSettledStep(attempt: Attempt, outputText: string | undefined): SettledStep {
    const { node, number, inputText, completedAt, outcome } = attempt;
    const executionTimeMs = Math.round(outcome.durationMs);
    return {
      id: this.#options.newId(),
      executionId: this.#options.claim.executionId,
      nodeId: node.nodeId,
      nodeRevision: node.nodeRevision,
      position: node.position,
      attempt: number,
      status: outcome.kind === 'success' ? 'success' : 'failed',
      inputText,
      outputText,
      hasOutput: outputText !== undefined,
      failure: outcome.kind === 'failure' ? failureOf(node, outcome) : undefined,
      startedAt: new Date(completedAt.getTime() - executionTimeMs),
      completedAt,
      executionTimeMs,
    };
  }
}
