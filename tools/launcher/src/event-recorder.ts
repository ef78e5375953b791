import { randomUUID } from 'node:crypto';
import {
  connectNats,
  eventType,
  subscribeEvents,
  type ChainEvent,
  type EventsLog,
} from '@chain-processor/events';

/** Everything that an execution announces. */
export const EXECUTION_EVENTS = 'chain.execution.v1.>';

/** Collects events from NATS as any consumer would. */
export interface EventRecorder {
  /** The events of one execution in order of their sequence, once the final one is there. Rejects after `timeoutMs`. */
  eventsOf(executionId: string, timeoutMs: number): Promise<readonly ChainEvent[]>;
  close(): Promise<void>;
}

const FINAL_TYPES = new Set(
  ['succeeded', 'failed', 'cancelled'].map((event) => eventType('execution', event)),
);

/** Subscribes; nothing that is published after this returns is missed. */
export async function recordEvents({
  nats: { url, user, password },
  onProblem,
}: {
  readonly nats: { readonly url: string; readonly user: string; readonly password: string };
  /** Told what goes wrong with the connection or a message, in one line. */
  readonly onProblem: (line: string) => void;
}): Promise<EventRecorder> {
  const log = problemLog(onProblem);
  const nats = await connectNats({
    url,
    user,
    pass: password,
    name: 'launcher',
    log,
    waitForFirstConnection: true,
    onClosed: (error) => onProblem(`NATS closed the connection: ${error?.message ?? 'no reason given'}`),
  });
  const subscription = subscribeEvents({ nats, log, newId: () => randomUUID(), subject: EXECUTION_EVENTS });
  await subscription.ready;

  const events = new Map<string, ChainEvent>();
  const listeners = new Set<() => void>();
  const receiving = (async () => {
    for await (const delivery of subscription) {
      events.set(delivery.event.id, delivery.event);
      delivery.ack();
      for (const listener of [...listeners]) listener();
    }
  })();

  function recordedOf(executionId: string): readonly ChainEvent[] {
    return [...events.values()]
      .filter(({ id }) => id.startsWith(`${executionId}:`))
      .sort((left, right) => left.sequence - right.sequence);
  }

  return {
    eventsOf: (executionId, timeoutMs) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = recordedOf(executionId);
          const final = found.find(({ type }) => FINAL_TYPES.has(type));
          if (final === undefined || found.length < final.sequence) return;
          settle();
          resolve(found);
        };
        const timer = setTimeout(() => {
          settle();
          const count = recordedOf(executionId).length;
          reject(
            new Error(`only ${count} events of execution ${executionId} arrived within ${timeoutMs} ms`),
          );
        }, timeoutMs);
        const settle = (): void => {
          clearTimeout(timer);
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
    async close() {
      await subscription.close();
      await receiving;
      await nats.close();
    },
  };
}

function problemLog(onProblem: (line: string) => void): EventsLog {
  const report = (fields: object, message: string): void => {
    const error: unknown = 'err' in fields ? fields.err : undefined;
    onProblem(`NATS: ${message}${error instanceof Error ? `: ${error.message}` : ''}`);
  };
  return { debug: () => undefined, info: () => undefined, warn: report, error: report };
}
