import { invariant } from '@chain-processor/errors';
import type { NodeExecution } from './execution.js';
import type { Plan } from './plan.js';

/** The version of an execution that was accepted and not yet claimed. */
const ACCEPTED_VERSION = 1;

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
  /** The attempts that earlier claims recorded, by position and attempt. Empty for a first claim. */
  readonly recorded: readonly NodeExecution[];
  /** The output of the last position that has one; the input text when none has. */
  readonly reachedText: string;
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
  for (const attempt of claim.recorded) {
    if (!attempt.hasOutput) continue;
    invariant(
      attempt.position === position,
      `execution ${claim.executionId} has no output of position ${position}`,
    );
    position += 1;
  }
  invariant(position <= plan.nodes.length + 1, `execution ${claim.executionId} has more steps than its plan`);
  const failedAttempts = claim.recorded.filter((attempt) => attempt.position === position).length;
  return { position, inputText: claim.reachedText, attempt: failedAttempts + 1 };
}

/** How often this execution has been claimed, this time included: 1 for a first claim. */
export function claimCount(claim: Claim): number {
  return claim.version - ACCEPTED_VERSION;
}
