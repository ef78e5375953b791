import { z } from 'zod';
import { DISPATCH_STREAM, DISPATCH_SUBJECT } from './event-names.js';
import type { NatsLink } from './nats-link.js';
import { NatsUnavailableError } from './send-event.js';

/** The most executions that one message names. */
export const MAX_DISPATCH_IDS = 64;

const dispatchMessageSchema = z.object({ executionIds: z.array(z.uuid()).min(1) });
const PUBLISH_TIMEOUT_MS = 3_000;

/**
 * Reads the executions that a dispatch message names.
 *
 * @throws SyntaxError or ZodError when it is no such message
 */
export function decodeDispatchMessage(payload: Uint8Array): readonly string[] {
  return dispatchMessageSchema.parse(JSON.parse(new TextDecoder().decode(payload))).executionIds;
}

/**
 * Publishes one dispatch message and waits for the stream to have it.
 *
 * The message id is new each time and never derived from the executions: an execution is dispatched again after its worker
 * died or handed it back, and the stream would drop that as a repeat of the first time, even though the first message is gone.
 *
 * @throws NatsUnavailableError without a connection; NatsError when the stream does not take it
 */
export async function publishDispatchMessage({
  nats,
  executionIds,
  newId,
}: {
  nats: NatsLink;
  executionIds: readonly string[];
  newId: () => string;
}): Promise<void> {
  const connection = nats.connection();
  if (connection === undefined) throw new NatsUnavailableError();
  await connection.jetstream().publish(DISPATCH_SUBJECT, JSON.stringify({ executionIds }), {
    msgID: newId(),
    timeout: PUBLISH_TIMEOUT_MS,
    expect: { streamName: DISPATCH_STREAM },
  });
}
