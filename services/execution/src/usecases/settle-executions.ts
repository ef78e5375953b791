import type { Database } from '@chain-processor/db';
import type { OutboxRelay, TransitionNotifier } from '@chain-processor/events';
import type { Settlement } from '../domain/settlement.js';
import type { ExecutionStore } from '../store/execution-store.js';
import type { OutboxStore } from '../store/outbox-store.js';
import { createGroupCommit, type GroupCommit } from './group-commit.js';
import { isSharedFault } from './start-execution.js';

export interface SettleExecutionsDependencies {
  readonly database: Database;
  readonly executions: ExecutionStore;
  readonly outbox: OutboxStore;
  readonly relay: OutboxRelay;
  readonly notifier: TransitionNotifier;
  readonly now: () => Date;
}

const MAX_SETTLEMENTS_PER_COMMIT = 256;

/**
 * Records what workers have done, in group commits: finished steps, terminal states and their events in one transaction (E5).
 * The result of a settlement is false when its claim was lost; then nothing of it was written (E3).
 *
 * A worker submits the settlements of one execution one after the other, so a group never holds two of the same.
 */
export function createSettleExecutions(
  dependencies: SettleExecutionsDependencies,
): GroupCommit<Settlement, boolean> {
  const { database, executions, outbox, relay, notifier, now } = dependencies;

  async function commit(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    const { settled, row } = await database.transaction(async (transaction) => {
      const settledIds = await executions.settle(settlements, now(), transaction);
      const held = settlements.filter(({ executionId }) => settledIds.has(executionId));
      const steps = held.flatMap((settlement) => settlement.steps);
      if (steps.length > 0) await executions.insertNodeExecutions(steps, transaction);
      const events = held.flatMap((settlement) => settlement.events);
      return {
        settled: settledIds,
        row: events.length > 0 ? await outbox.append(events, transaction) : undefined,
      };
    });
    if (row !== undefined) relay.publish([row]);
    notifier.notify([...settled]);
    return settlements.map(({ executionId }) => settled.has(executionId));
  }

  return createGroupCommit({ commit, isSharedFault, maxItems: MAX_SETTLEMENTS_PER_COMMIT });
}
