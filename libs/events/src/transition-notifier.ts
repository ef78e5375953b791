import type { Msg, NatsConnection, Subscription } from 'nats';
import { notifySubject } from './event-names.js';
import type { EventsLog } from './log.js';
import type { NatsLink } from './nats-link.js';

/** Wakes whoever waits for a change of an execution. */
export interface TransitionNotifier {
  /**
   * Says that these executions have changed; call it after the commit. Listeners of this process are called before it
   * returns, those of other processes over core NATS. Never throws.
   */
  notify(executionIds: readonly string[]): void;
  /**
   * Calls `onNotify` whenever the execution may have changed: read the truth from the database then, and once after
   * subscribing. Calls can come for nothing, and they can fail to come (NATS is down), so poll slowly beside it.
   *
   * @returns how to stop that
   */
  subscribe(executionId: string, onNotify: () => void): () => void;
  close(): void;
}

interface Watched {
  readonly listeners: Set<() => void>;
  subscription: Subscription | undefined;
}

/** Makes a {@link TransitionNotifier}. Works inside this process while NATS is down. */
export function createTransitionNotifier({
  nats,
  log,
  newId,
}: {
  nats: NatsLink;
  log: EventsLog;
  /** Makes a UUID that tells this process's own messages from others'. */
  newId: () => string;
}): TransitionNotifier {
  const ownMark = newId();
  const watched = new Map<string, Watched>();
  let isClosed = false;

  function callListeners(executionId: string): void {
    for (const listener of [...(watched.get(executionId)?.listeners ?? [])]) {
      try {
        listener();
      } catch (error) {
        log.error({ err: error, execution_id: executionId }, 'a listener for changes of an execution failed');
      }
    }
  }

  function openSubscription(connection: NatsConnection, executionId: string): Subscription {
    return connection.subscribe(notifySubject(executionId), {
      callback: (error, message: Msg) => {
        if (error !== null) log.warn({ err: error }, 'notifications of executions are refused');
        else if (message.string() !== ownMark) callListeners(executionId);
      },
    });
  }

  // The client opens subscriptions again by itself after a reconnection, but not those made before the first connection; and
  // what was published meanwhile is gone, so everyone has to look.
  function onConnected(): void {
    const connection = nats.connection();
    if (connection === undefined) return;
    for (const [executionId, entry] of watched) {
      entry.subscription ??= openSubscription(connection, executionId);
      callListeners(executionId);
    }
  }

  const stopListening = nats.onConnected(onConnected);

  return {
    notify(executionIds) {
      const connection = nats.connection();
      for (const executionId of executionIds) {
        callListeners(executionId);
        connection?.publish(notifySubject(executionId), ownMark);
      }
    },
    subscribe(executionId, onNotify) {
      const connection = nats.connection();
      const entry = watched.get(executionId) ?? { listeners: new Set(), subscription: undefined };
      if (!isClosed) watched.set(executionId, entry);
      // A function of its own, so that one listener may be subscribed twice.
      const listener = (): void => onNotify();
      entry.listeners.add(listener);
      if (connection !== undefined) entry.subscription ??= openSubscription(connection, executionId);
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size > 0 || watched.get(executionId) !== entry) return;
        entry.subscription?.unsubscribe();
        watched.delete(executionId);
      };
    },
    close() {
      isClosed = true;
      stopListening();
      for (const { subscription } of watched.values()) subscription?.unsubscribe();
      watched.clear();
    },
  };
}
