import { MAX_DISPATCH_IDS, publishDispatchMessage } from './dispatch-message.js';
import { createOutageLog, type EventsLog } from './log.js';
import type { NatsLink } from './nats-link.js';
import { isStreamMissing } from './send-event.js';

/** Tells workers which executions are pending. */
export interface DispatchPublisher {
  /**
   * Publishes the executions of one accepted batch, up to {@link MAX_DISPATCH_IDS} in a message. Call it after the commit
   * that made them pending. Best effort: never rejects.
   *
   * @returns the executions that no worker was told of; workers find those by polling the database
   */
  publish(executionIds: readonly string[]): Promise<readonly string[]>;
}

/** Makes a {@link DispatchPublisher}. */
export function createDispatchPublisher({
  nats,
  log,
  newId,
  onStreamMissing,
}: {
  nats: NatsLink;
  log: EventsLog;
  /** Makes a UUID for each message. */
  newId: () => string;
  /** See `StreamSupervisor.requestCheck`. */
  onStreamMissing?: () => void;
}): DispatchPublisher {
  const outageLog = createOutageLog({ log, part: 'dispatch publishing' });

  async function publishBatch(executionIds: readonly string[]): Promise<readonly string[]> {
    try {
      await publishDispatchMessage({ nats, executionIds, newId });
      outageLog.recovered();
      return [];
    } catch (error) {
      outageLog.failed(error);
      if (isStreamMissing(error)) onStreamMissing?.();
      return executionIds;
    }
  }

  return {
    async publish(executionIds) {
      const batches: (readonly string[])[] = [];
      for (let start = 0; start < executionIds.length; start += MAX_DISPATCH_IDS) {
        batches.push(executionIds.slice(start, start + MAX_DISPATCH_IDS));
      }
      return (await Promise.all(batches.map(publishBatch))).flat();
    },
  };
}
