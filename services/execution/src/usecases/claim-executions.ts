import type { Database, Transaction } from '@chain-processor/db';
import type { OutboxRelay, OutboxRow, TransitionNotifier } from '@chain-processor/events';
import type { Claim } from '../domain/claim.js';
import type { ExecutionStore } from '../store/execution-store.js';
import type { OutboxStore } from '../store/outbox-store.js';

/** Each brings the text that it reached, which can be a megabyte. */
const MAX_ABANDONED_PER_CLAIM = 16;

export interface ClaimExecutionsDependencies {
  readonly database: Database;
  readonly executions: ExecutionStore;
  readonly outbox: OutboxStore;
  readonly relay: OutboxRelay;
  readonly notifier: TransitionNotifier;
  readonly workerId: string;
  /** How long a worker may be silent before its executions are taken over, in milliseconds. */
  readonly leaseMs: number;
  readonly now: () => Date;
}

export interface ClaimExecutions {
  /** Claims those of the given executions that are still pending, up to `limit`. */
  claimDispatched(executionIds: readonly string[], limit: number): Promise<Claim[]>;
  /**
   * Claims what no dispatch led to: pending executions, those whose worker fell silent, and those that this worker holds by
   * the record without `keptIds` naming them, because it met trouble with them.
   */
  claimWaiting(limit: number, keptIds: readonly string[]): Promise<Claim[]>;
}

/** A claim and its started events are one transaction; the events go out after it. */
export function createClaimExecutions(dependencies: ClaimExecutionsDependencies): ClaimExecutions {
  const { database, executions, outbox, relay, notifier, workerId, leaseMs, now } = dependencies;

  async function appendStarted(
    claims: readonly Claim[],
    transaction: Transaction,
  ): Promise<OutboxRow | undefined> {
    if (claims.length === 0) return undefined;
    return outbox.append(
      claims.map((claim) => ({
        kind: 'started',
        executionId: claim.executionId,
        strategyId: claim.strategyId,
        strategyRevision: claim.strategyRevision,
        createdById: claim.createdById,
        sequence: claim.eventSequence,
        time: claim.startedAt,
      })),
      transaction,
    );
  }

  async function claimPending(limit: number, executionIds?: readonly string[]): Promise<Claim[]> {
    const { claims, row } = await database.transaction(async (transaction) => {
      const pending = {
        workerId,
        limit,
        now: now(),
        ...(executionIds === undefined ? {} : { ids: executionIds }),
      };
      const claimed = await executions.claimPending(pending, transaction);
      return { claims: claimed, row: await appendStarted(claimed, transaction) };
    });
    if (row !== undefined) {
      relay.publish([row]);
      notifier.notify(claims.map(({ executionId }) => executionId));
    }
    return claims;
  }

  return {
    claimDispatched: (executionIds, limit) => claimPending(limit, executionIds),
    async claimWaiting(limit, keptIds) {
      // Abandoned work first, since it is older, but never all the room: what is poison must not keep the rest waiting. It had
      // its started event, so there is none to write.
      const abandonedLimit = Math.min(Math.ceil(limit / 2), MAX_ABANDONED_PER_CLAIM);
      const abandoned = await database.transaction((transaction) =>
        executions.claimAbandoned(
          { workerId, keptIds, leaseMs, limit: abandonedLimit, now: now() },
          transaction,
        ),
      );
      const room = limit - abandoned.length;
      return room > 0 ? [...abandoned, ...(await claimPending(room))] : abandoned;
    },
  };
}
