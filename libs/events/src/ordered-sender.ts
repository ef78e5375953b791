import { orderingKey, type ChainEvent } from './chain-event.js';
import type { SendEvent, SendOutcome } from './send-event.js';

/** Sends many events at once, but those of one resource one after the other. */
export interface OrderedSender {
  /** Resolves when the event was sent, or given up by {@link OrderedSender.deferWaiting}. Never rejects. */
  send(event: ChainEvent): Promise<SendOutcome>;
  /** Events that have not been sent yet. */
  waitingCount(): number;
  /** Gives up every event that has not been sent yet; those under way still come to their own end. */
  deferWaiting(error: unknown): void;
}

interface Job {
  readonly event: ChainEvent;
  readonly settle: (outcome: SendOutcome) => void;
}

/**
 * Makes an {@link OrderedSender}.
 *
 * An event is sent only after the previous one of the same resource has been acknowledged or refused, so a retry never
 * overtakes. A deferred event defers everything that waits, of all resources: what stopped it (no connection, no stream)
 * stops them too, and sending a thousand events into a thousand timeouts helps nobody.
 */
export function createOrderedSender({
  sendEvent,
  maxInFlight,
}: {
  sendEvent: SendEvent;
  maxInFlight: number;
}): OrderedSender {
  const lanes = new Map<string, Job[]>();
  /** Lanes that have something to send and nothing under way, in the order in which they became so. */
  const readyKeys = new Set<string>();
  const busyKeys = new Set<string>();
  let waiting = 0;

  function fill(): void {
    for (const key of readyKeys) {
      if (busyKeys.size >= maxInFlight) return;
      readyKeys.delete(key);
      const job = lanes.get(key)?.shift();
      if (job === undefined) continue;
      waiting -= 1;
      busyKeys.add(key);
      void run(key, job);
    }
  }

  async function run(key: string, { event, settle }: Job): Promise<void> {
    const outcome = await sendEvent(event);
    busyKeys.delete(key);
    settle(outcome);
    if (outcome.kind === 'deferred') deferWaiting(outcome.error);
    if ((lanes.get(key)?.length ?? 0) > 0) readyKeys.add(key);
    else lanes.delete(key);
    fill();
  }

  function deferWaiting(error: unknown): void {
    const jobs = [...lanes.values()].flat();
    lanes.clear();
    readyKeys.clear();
    waiting = 0;
    for (const job of jobs) job.settle({ kind: 'deferred', error });
  }

  return {
    send: (event) =>
      new Promise((settle) => {
        const key = orderingKey(event);
        const lane = lanes.get(key);
        if (lane === undefined) lanes.set(key, [{ event, settle }]);
        else lane.push({ event, settle });
        waiting += 1;
        if (!busyKeys.has(key)) readyKeys.add(key);
        fill();
      }),
    waitingCount: () => waiting,
    deferWaiting,
  };
}
