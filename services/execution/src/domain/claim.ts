import { invariant } from '@chain-processor/errors';
import type { NodeExecution } from './execution.js';
import type { Plan } from './plan.js';

/** An execution that a worker has claimed. */
export interface Claim {
  readonly executionId: string;
  readonly strategyId: string;
  readonly strategyRevision: number;
  readonly planDigest: Buffer;
  readonly inputText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdById: string;
  readonly startedAt: Date;
  /** What this claim set; every write by the worker is conditional on it (E3). */
  readonly version: number;
  /** Sequence of the last recorded event. */
  readonly eventSequence: number;
  /** The attempts that an earlier claim recorded, by position and attempt. Empty for a first claim. */
  readonly recorded: readonly NodeExecution[];
}

/** Where a chain goes on. */
export interface ResumePoint {
  readonly position: number;
  readonly inputText: string;
  readonly attempt: number;
}

/**
 * Where a claimed execution goes on: after the last position whose output is recorded, so that a recorded success is never
 * run again (E6). Beyond the last position when all that is missing is the end itself.
 */
export function resumePoint(claim: Claim, plan: Plan): ResumePoint {
  let position = 1;
  let inputText = claim.inputText;
  for (const attempt of claim.recorded) {
    if (attempt.outputText === undefined) continue;
    invariant(
      attempt.position === position,
      `execution ${claim.executionId} has no output of position ${position}`,
    );
    position += 1;
    inputText = attempt.outputText;
  }
  invariant(position <= plan.nodes.length + 1, `execution ${claim.executionId} has more steps than its plan`);
  const failedAttempts = claim.recorded.filter((attempt) => attempt.position === position).length;
  return { position, inputText, attempt: failedAttempts + 1 };
}
