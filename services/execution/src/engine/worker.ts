/**
 * The worker: claim, execute, settle. It upholds, with the statements in `store/`:
 *
 * - E2, E3: it writes through settlements only, each conditional on the version that its claim set. When one is refused, the
 *   run is stopped and leaves no trace.
 * - E6: a claim that follows another resumes after the last recorded step.
 * - E7: it never judges by its own clock whether a lease has run out, neither its own nor another's.
 *
 * A run that ends without a result (the database was gone, the sandbox could not start) is dropped here and stays in progress in
 * the database. This worker keeps its hands off for a while that doubles each time, then a poll claims it anew. After
 * `maxClaims` claims without an end it fails, so that poison does not run for ever.
 *
 * Claims are made one after the other: a poll must know of everything that this worker has claimed, or it would take its own
 * running work for abandoned.
 */
import type { GroupCommit } from '@chain-processor/db';
import { ErrorReason } from '@chain-processor/errors';
import { isDoneWithin, type Logger } from '@chain-processor/service-kit';
import { claimCount, type Claim } from '../domain/claim.js';
import { PlanUnsupportedError } from '../domain/errors.js';
import type { ExecutionFailure } from '../domain/execution.js';
import type { Plan } from '../domain/plan.js';
import type { Settlement } from '../domain/settlement.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ClaimExecutions } from '../usecases/claim-executions.js';
import { ClaimLostError, ExecutionRecord } from './execution-record.js';
import type { PlanCache } from './plan-cache.js';
import { createRepeating } from './repeating.js';
import { runChain } from './run-chain.js';

export interface WorkerOptions {
  readonly claims: ClaimExecutions;
  readonly settlements: GroupCommit<Settlement, boolean>;
  readonly plans: PlanCache;
  readonly sandbox: Sandbox;
  /** How many executions run at a time. */
  readonly slots: number;
  /** How often an execution may be claimed without coming to an end. */
  readonly maxClaims: number;
  /** How often the database is asked for work that no dispatch led to, in milliseconds. */
  readonly pollMs: number;
  /** How long a finished step may wait to be committed with later ones, in milliseconds. */
  readonly stepFlushMs: number;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly random: () => number;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Called when slots became free. */
  readonly onSlotsFreed: () => void;
}

export interface Worker {
  /** How many executions it could start now. */
  freeSlots(): number;
  /** Claims and runs dispatched executions. Gives back those that it has no room for. */
  take(executionIds: readonly string[]): Promise<readonly string[]>;
  /** Begins to poll. */
  start(): void;
  /** Takes no more, lets runs finish for `graceMs` milliseconds, and aborts the rest; those resume elsewhere from their record. */
  stop(graceMs: number): Promise<void>;
}

/** How long aborted runs get to end. */
const ABORT_GRACE_MS = 1_000;
/** A chain with more text than this waiting to be recorded is committed before it goes on; a commit must stay small. */
const MAX_WAITING_LENGTH = 4 * 1_048_576;
/** How long a worker keeps its hands off an execution that it met trouble with: doubled with each claim, up to the maximum. */
const FIRST_REST_MS = 1_000;
const MAX_REST_MS = 60_000;

interface Run {
  readonly record: ExecutionRecord;
  readonly abort: AbortController;
  done: Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  const { claims, settlements, plans, slots, maxClaims, pollMs, stepFlushMs, logger, onSlotsFreed } = options;
  const runs = new Map<string, Run>();
  /** Executions that met trouble here, with the time at which they may be claimed again. */
  const resting = new Map<string, number>();
  /** Slots that claims in flight may fill. */
  let reserved = 0;
  let isStopping = false;
  let claiming: Promise<unknown> = Promise.resolve();

  const freeSlots = () => (isStopping ? 0 : Math.max(0, slots - runs.size - reserved));

  /** Claims when all earlier claims have begun their runs. */
  function inTurn(count: number, claim: () => Promise<Claim[]>): Promise<void> {
    reserved += count;
    const turn = claiming.then(async () => {
      try {
        const claimed = isStopping ? [] : await claim();
        const usable = await plans.load(claimed.map(({ planDigest }) => planDigest));
        for (const [index, each] of claimed.entries()) begin(each, usable[index]);
      } finally {
        reserved -= count;
      }
    });
    claiming = turn.catch(() => undefined);
    return turn;
  }

  function begin(claim: Claim, plan: Plan | PlanUnsupportedError | undefined): void {
    // What was claimed in the last moment is left to the others, which take it when the heartbeat ends.
    if (isStopping) return;
    const failure = failureBeforeRun(claim, plan);
    const usablePlan =
      plan === undefined || plan instanceof PlanUnsupportedError ? planWithoutNodes(claim) : plan;
    const record = new ExecutionRecord({
      claim,
      plan: usablePlan,
      settle: (settlement) => settlements.submit(settlement),
      newId: options.newId,
      now: options.now,
    });
    const run: Run = { record, abort: new AbortController(), done: Promise.resolve() };
    runs.set(claim.executionId, run);
    run.done = execute(claim, usablePlan, run, failure);
  }

  function failureBeforeRun(
    claim: Claim,
    plan: Plan | PlanUnsupportedError | undefined,
  ): ExecutionFailure | undefined {
    if (plan instanceof PlanUnsupportedError) {
      return { reason: plan.reason, message: plan.message, position: undefined };
    }
    if (claimCount(claim) <= maxClaims) return undefined;
    const message = `was begun ${maxClaims} times and never came to an end; its workers died or met trouble each time`;
    return { reason: ErrorReason.EXECUTION_ABANDONED, message, position: undefined };
  }

  async function execute(
    claim: Claim,
    plan: Plan,
    run: Run,
    failure: ExecutionFailure | undefined,
  ): Promise<void> {
    const { record, abort } = run;
    try {
      const result =
        failure === undefined ? await runPlan(claim, plan, run) : ({ status: 'failed', failure } as const);
      await record.end(result);
      resting.delete(claim.executionId);
    } catch (error) {
      const log = logger.child({ execution_id: claim.executionId });
      if (error instanceof ClaimLostError) log.info('the claim was lost, dropping the run');
      else if (isStopping && abort.signal.aborted) log.info('the run was stopped with the worker');
      else
        log.error(
          { err: error, claims: claimCount(claim) },
          'the run met trouble and will be resumed from its record',
        );
      const restMs = Math.min(FIRST_REST_MS * 2 ** (claimCount(claim) - 1), MAX_REST_MS);
      resting.set(claim.executionId, performance.now() + restMs);
    } finally {
      runs.delete(claim.executionId);
      onSlotsFreed();
    }
  }

  function runPlan(claim: Claim, plan: Plan, { record, abort }: Run) {
    const { sandbox, now, random, wait } = options;
    return runChain({
      claim,
      plan,
      sandbox,
      signal: abort.signal,
      record: (attempt) => record.add(attempt),
      betweenTrips: async () => {
        if (plan.commitsEachStep || record.waitingLength > MAX_WAITING_LENGTH) await record.commit();
      },
      now,
      random,
      wait,
    });
  }

  /** Runs in progress, and what must rest. The latter is forgotten as its time comes, whoever has taken it by then. */
  function keptIds(): string[] {
    for (const [id, untilMs] of resting) if (untilMs <= performance.now()) resting.delete(id);
    return [...runs.keys(), ...resting.keys()];
  }

  async function poll(): Promise<void> {
    const room = freeSlots();
    if (room === 0) return;
    try {
      await inTurn(room, () => claims.claimWaiting(room, keptIds()));
    } catch (error) {
      logger.warn({ err: error }, 'polling for work failed, trying again');
    }
  }

  /** Steps of a long chain become visible while it runs; a short chain ends before and commits once. */
  async function flushSteps(): Promise<void> {
    for (const { record, abort } of runs.values()) {
      if (record.isDirty) record.commit().catch((error: unknown) => abort.abort(error));
    }
  }

  const polling = createRepeating(poll, pollMs);
  const flushing = createRepeating(flushSteps, stepFlushMs);

  return {
    freeSlots,
    async take(executionIds) {
      const room = freeSlots();
      const wanted = executionIds.slice(0, room);
      if (wanted.length > 0) await inTurn(wanted.length, () => claims.claimDispatched(wanted, wanted.length));
      return executionIds.slice(room);
    },
    start() {
      polling.start();
      flushing.start();
    },
    async stop(graceMs) {
      isStopping = true;
      await Promise.all([polling.stop(), claiming]);
      const allDone = Promise.all([...runs.values()].map(({ done }) => done));
      if (!(await isDoneWithin(allDone, graceMs))) {
        for (const { abort } of runs.values()) abort.abort(new Error('the worker is stopping'));
        // A run that does not heed its signal must not keep the process from going: its claim is void in a moment.
        await isDoneWithin(allDone, ABORT_GRACE_MS);
      }
      await flushing.stop();
      await settlements.idle();
    },
  };
}

/** Stands in for a plan that cannot be read, so that the execution can be ended. */
function planWithoutNodes({ strategyId, strategyRevision }: Claim): Plan {
  return { strategyId, strategyRevision, hasStepEvents: false, commitsEachStep: false, nodes: [] };
}
