/**
 * The worker: claim, execute, settle. It upholds, with the statements in `store/`:
 *
 * - E2, E3: it writes through settlements only, each conditional on the version that its claim set. When one is refused, the
 *   run is stopped and leaves no trace.
 * - E6: a claim that follows another resumes after the last recorded step.
 * - E7: it never judges by its own clock whether a lease has run out, neither its own nor another's.
 *
 * A run that ends without a result (the database was gone, the sandbox could not start) is dropped here and stays in progress in
 * the database; the next poll finds that this worker does not run it and claims it anew.
 */
import { isDoneWithin, type Logger } from '@chain-processor/service-kit';
import type { Claim } from '../domain/claim.js';
import type { Settlement } from '../domain/settlement.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ClaimExecutions } from '../usecases/claim-executions.js';
import type { GroupCommit } from '../usecases/group-commit.js';
import { ClaimLostError, ExecutionRecord } from './execution-record.js';
import type { PlanCache } from './plan-cache.js';
import { runChain } from './run-chain.js';

export interface WorkerOptions {
  readonly claims: ClaimExecutions;
  readonly settlements: GroupCommit<Settlement, boolean>;
  readonly plans: PlanCache;
  readonly sandbox: Sandbox;
  /** How many executions run at a time. */
  readonly slots: number;
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

interface Run {
  readonly record: ExecutionRecord;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  const { claims, settlements, plans, sandbox, slots, pollMs, stepFlushMs, logger, onSlotsFreed } = options;
  const runs = new Map<string, Run>();
  /** Slots that claims in flight may fill. */
  let reserved = 0;
  let isStopping = false;
  let polling: Promise<void> = Promise.resolve();
  const timers: NodeJS.Timeout[] = [];

  const freeSlots = () => (isStopping ? 0 : Math.max(0, slots - runs.size - reserved));

  async function reserving(count: number, claim: () => Promise<Claim[]>): Promise<void> {
    reserved += count;
    try {
      const claimed = await claim();
      if (claimed.length > 0) await plans.load(claimed.map(({ planDigest }) => planDigest));
      for (const each of claimed) begin(each);
    } finally {
      reserved -= count;
    }
  }

  function begin(claim: Claim): void {
    const log = logger.child({ execution_id: claim.executionId });
    const plan = plans.get(claim.planDigest);
    const record = new ExecutionRecord({
      claim,
      plan,
      settle: (settlement) => settlements.submit(settlement),
      newId: options.newId,
      now: options.now,
    });
    const abort = new AbortController();
    const run = async () => {
      try {
        const result = await runChain({
          claim,
          plan,
          sandbox,
          signal: abort.signal,
          record: (attempt) => record.add(attempt),
          commit: () => record.commit(),
          now: options.now,
          random: options.random,
          wait: options.wait,
        });
        await record.end(result);
      } catch (error) {
        if (error instanceof ClaimLostError) log.info('the claim was lost, dropping the run');
        else if (abort.signal.aborted) log.info({ err: error }, 'the run was aborted');
        else log.error({ err: error }, 'the run met trouble and will be resumed from its record');
      } finally {
        runs.delete(claim.executionId);
        onSlotsFreed();
      }
    };
    // Set before the first step runs, so that a poll in between does not take the execution for abandoned.
    runs.set(claim.executionId, { record, abort, done: Promise.resolve().then(run) });
  }

  async function poll(): Promise<void> {
    const room = freeSlots();
    if (room === 0) return;
    try {
      await reserving(room, () => claims.claimWaiting(room, [...runs.keys()]));
    } catch (error) {
      logger.warn({ err: error }, 'polling for work failed, trying again');
    }
  }

  /** Steps of a long chain become visible while it runs; a short chain ends before and commits once. */
  function flushSteps(): void {
    for (const { record, abort } of runs.values()) {
      if (record.isDirty) record.commit().catch((error: unknown) => abort.abort(error));
    }
  }

  function every(milliseconds: number, action: () => void): void {
    timers.push(setInterval(action, milliseconds));
  }

  return {
    freeSlots,
    async take(executionIds) {
      const room = freeSlots();
      const wanted = executionIds.slice(0, room);
      if (wanted.length > 0)
        await reserving(wanted.length, () => claims.claimDispatched(wanted, wanted.length));
      return executionIds.slice(room);
    },
    start() {
      const pollAgain = () => {
        polling = polling.then(() => poll());
      };
      pollAgain();
      every(pollMs, pollAgain);
      every(stepFlushMs, flushSteps);
    },
    async stop(graceMs) {
      isStopping = true;
      for (const timer of timers) clearInterval(timer);
      await polling;
      const allDone = Promise.all([...runs.values()].map(({ done }) => done));
      if (!(await isDoneWithin(allDone, graceMs))) {
        for (const { abort } of runs.values()) abort.abort(new Error('the worker is stopping'));
        // A run that does not heed its signal must not keep the process from going: its claim is void in a moment.
        await isDoneWithin(allDone, ABORT_GRACE_MS);
      }
      await settlements.idle();
    },
  };
}
