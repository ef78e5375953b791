import type { JsMsg } from 'nats';
import { decodeDispatchMessage, publishDispatchMessage } from './dispatch-message.js';
import { DISPATCH_CONSUMER, DISPATCH_STREAM } from './event-names.js';
import { createOutageLog, type EventsLog } from './log.js';
import { createMessagePuller } from './message-puller.js';
import type { NatsLink } from './nats-link.js';
import { createBackoff, createWaker } from './pacing.js';
import { DISPATCH_ACK_WAIT_MS } from './stream-declarations.js';

/** How a worker takes dispatched executions. */
export interface DispatchConsumerOptions {
  readonly nats: NatsLink;
  readonly log: EventsLog;
  /**
   * How many executions the worker could start now. Nothing is pulled at 0. A worker that is nearly full does well to say 0
   * until several slots are free: each pull is a claim, and a claim of one costs as much as a claim of many.
   */
  readonly freeSlots: () => number;
  /**
   * Claims executions and returns those for which there was no room. Those that are gone, finished or taken by another worker
   * are not returned: they need nobody. May be called with the same execution again, and at any time until `close` resolves.
   */
  readonly handler: (executionIds: readonly string[]) => Promise<readonly string[]>;
  /** Makes a UUID for each message that hands executions back. */
  readonly newId: () => string;
  /** See `StreamSupervisor.requestCheck`. */
  readonly onStreamMissing?: () => void;
}

/** A worker's side of the dispatch queue. */
export interface DispatchConsumer {
  /** Says that slots became free, so that the next pull need not wait for a poll. */
  slotsFreed(): void;
  /** Stops pulling; resolves when the handlers have ended. */
  close(): Promise<void>;
}

/** How often free slots are asked for when nobody calls `slotsFreed`, and the pause after a handler had no room. */
const SLOT_POLL_MS = 250;
const NAK_DELAY_MS = 200;

/**
 * Makes and starts a {@link DispatchConsumer}.
 *
 * A message is acknowledged after its executions were claimed and the rest was handed back as a new message. A crash before that
 * delivers it again, and the second claim finds nothing to take: deliver twice, run once. Losing messages is harmless
 * too, since workers also poll the database. One message is pulled at a time, while slots are free beyond those that
 * running handlers may fill. A lost stream or connection is waited for, however long that takes.
 */
export function consumeDispatch(options: DispatchConsumerOptions): DispatchConsumer {
  const { nats, log, freeSlots, handler, newId, onStreamMissing } = options;
  const puller = createMessagePuller({ nats, streamName: DISPATCH_STREAM, consumerName: DISPATCH_CONSUMER });
  const outageLog = createOutageLog({ log, part: 'dispatch consumer' });
  const backoff = createBackoff({ initialMs: 100, maxMs: 2_000 });
  const waker = createWaker();
  const handling = new Set<Promise<void>>();
  /** Executions in handlers that have not said yet which they take. */
  let claimingCount = 0;
  let isSaturated = false;
  let closeWasCalled = false;
  const isClosing = (): boolean => closeWasCalled;

  async function handle(message: JsMsg, executionIds: readonly string[]): Promise<void> {
    const keepAlive = setInterval(() => message.working(), DISPATCH_ACK_WAIT_MS / 3);
    claimingCount += executionIds.length;
    try {
      const refused = await handler(executionIds);
      isSaturated = refused.length > 0;
      if (refused.length === executionIds.length) {
        message.nak(NAK_DELAY_MS);
        return;
      }
      if (isSaturated) await publishDispatchMessage({ nats, executionIds: refused, newId });
      message.ack();
    } catch (error) {
      isSaturated = true;
      log.warn(
        { err: error, count: executionIds.length },
        'a dispatch message was not settled, it will come again',
      );
      message.nak(NAK_DELAY_MS);
    } finally {
      clearInterval(keepAlive);
      claimingCount -= executionIds.length;
    }
  }

  function receive(message: JsMsg): void {
    if (isClosing()) {
      message.nak();
      return;
    }
    let executionIds: readonly string[];
    try {
      executionIds = decodeDispatchMessage(message.data);
    } catch (error) {
      log.error(
        { err: error, streamSequence: message.seq },
        'a dispatch message is malformed and was dropped',
      );
      message.term();
      return;
    }
    const handled = handle(message, executionIds).finally(() => {
      handling.delete(handled);
      if (!isSaturated) waker.wake();
    });
    handling.add(handled);
  }

  async function run(): Promise<void> {
    while (!isClosing()) {
      // After a handler had no room, whatever freeSlots says, pulling on would only carry the queue in circles.
      const hasRoom = !isSaturated && freeSlots() - claimingCount > 0;
      isSaturated = false;
      if (!hasRoom) {
        await waker.wait(SLOT_POLL_MS);
        continue;
      }
      try {
        for await (const message of puller.pull(1)) receive(message);
        outageLog.recovered();
        backoff.reset();
      } catch (error) {
        // Without a connection the link tells of it, and the next pull waits for the connection.
        if (nats.connection() !== undefined) {
          outageLog.failed(error);
          onStreamMissing?.();
        }
        await waker.wait(backoff.nextMs());
      }
    }
  }

  // Not before this function has returned: freeSlots may well refer to what the caller does with the result.
  const running = Promise.resolve().then(run);

  return {
    slotsFreed: waker.wake,
    async close() {
      closeWasCalled = true;
      puller.stop();
      waker.wake();
      await running;
      await Promise.all(handling);
    },
  };
}
