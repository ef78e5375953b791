import { createGroupCommit, type Database, type GroupCommit } from '@chain-processor/db';
import type { OutboxRelay, TransitionNotifier } from '@chain-processor/events';
import type { Settlement } from '../domain/settlement.js';
import type { ExecutionStore } from '../store/execution-store.js';
import type { NodeExecutionStore } from '../store/node-execution-store.js';
import type { OutboxStore } from '../store/outbox-store.js';

export interface SettleExecutionsDependencies {
  readonly database: Database;
  readonly executions: ExecutionStore;
  readonly nodeExecutions: NodeExecutionStore;
  readonly outbox: OutboxStore;
  readonly relay: OutboxRelay;
  readonly notifier: TransitionNotifier;
  readonly now: () => Date;
}

const MAX_SETTLEMENTS_PER_COMMIT = 256;

/**
 * Records what workers have done, in group commits: finished steps, terminal states and their events in one transaction (E5).
 * The result of a settlement is false when its claim was lost; then nothing of it was written (E3).
 */
export function createSettleExecutions(
  dependencies: SettleExecutionsDependencies,
): GroupCommit<Settlement, boolean> {
  const { database, executions, nodeExecutions, outbox, relay, notifier, now } = dependencies;

  async function commit(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    const { held, row } = await database.transaction(async (transaction) => {
      const settled = await executions.settle(settlements, now(), transaction);
      const steps = settled.flatMap((settlement) => settlement.steps);
      if (steps.length > 0) await nodeExecutions.insert(steps, transaction);
      const events = settled.flatMap((settlement) => settlement.events);
      return {
        held: new Set(settled),
        row: events.length > 0 ? await outbox.append(events, transaction) : undefined,
      };
    });
    if (row !== undefined) relay.publish([row]);
    notifier.notify([...held].map(({ executionId }) => executionId));
    return settlements.map((settlement) => held.has(settlement));
  }

  return createGroupCommit({ commit, maxItems: MAX_SETTLEMENTS_PER_COMMIT, bytesOf: textLengthOf });
}

function textLengthOf({ steps, end }: Settlement): number {
  const lengths = steps.map(({ inputText, outputText }) => inputText.length + (outputText?.length ?? 0));
  const output = end?.result.status === 'success' ? end.result.outputText.length : 0;
  return lengths.reduce((sum, length) => sum + length, output);
}
