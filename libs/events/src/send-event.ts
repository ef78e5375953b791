import { ErrorCode, NatsError } from 'nats';
import { encodeCloudEvent, type EncodedEvent } from './cloud-event.js';
import type { ChainEvent } from './chain-event.js';
import type { NatsLink } from './nats-link.js';

/**
 * What became of one publish.
 * - `acknowledged`: the expected stream has stored it, now or before (`isDuplicate`).
 * - `refused`: something about this event; its neighbours may fare better.
 * - `deferred`: nothing about this event: NATS is unreachable, slow, full or without the stream. It may have been stored.
 */
export type SendOutcome =
  | { readonly kind: 'acknowledged'; readonly isDuplicate: boolean }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'deferred'; readonly error: unknown };

/** Publishes one event once and never throws. */
export type SendEvent = (event: ChainEvent) => Promise<SendOutcome>;

/** There is no connection to NATS at the moment. */
export class NatsUnavailableError extends Error {
  constructor() {
    super('no connection to NATS');
    this.name = 'NatsUnavailableError';
  }
}

/** The client or the server finds fault with the message itself. */
const REFUSED_CODES = new Set<string>([
  ErrorCode.MaxPayloadExceeded,
  ErrorCode.BadHeader,
  ErrorCode.BadPayload,
  ErrorCode.BadSubject,
]);
const NO_RESPONDERS: string = ErrorCode.NoResponders;
const REFUSED_API_CODES = new Set([
  10054, // message size exceeds the maximum of the stream
  10060, // another stream than the expected one takes this subject
]);

/** Makes the {@link SendEvent} that publishes to `streamName`. */
export function createEventSender({
  nats,
  streamName,
  timeoutMs,
}: {
  nats: NatsLink;
  streamName: string;
  timeoutMs: number;
}): SendEvent {
  return async (event) => {
    const connection = nats.connection();
    // Published while the client reconnects, a message would only sit in its buffer until the timeout.
    if (connection === undefined) return { kind: 'deferred', error: new NatsUnavailableError() };
    let encoded: EncodedEvent;
    try {
      encoded = encodeCloudEvent(event);
    } catch (error) {
      return { kind: 'refused', error };
    }
    try {
      const acknowledgement = await connection.jetstream().publish(event.subject, encoded.payload, {
        headers: encoded.headers,
        timeout: timeoutMs,
        expect: { streamName },
      });
      if (acknowledgement.stream !== streamName) {
        const error = new Error(
          `stream ${acknowledgement.stream} stored an event that is meant for ${streamName}`,
        );
        return { kind: 'refused', error };
      }
      return { kind: 'acknowledged', isDuplicate: acknowledgement.duplicate };
    } catch (error) {
      return { kind: isRefusal(error) ? 'refused' : 'deferred', error };
    }
  };
}

/** True when the server or the client says that there is no such stream, or nobody who answers for it. */
export function isStreamMissing(error: unknown): boolean {
  return error instanceof NatsError && (error.code === NO_RESPONDERS || error.api_error?.code === 404);
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  return REFUSED_CODES.has(error.code) || REFUSED_API_CODES.has(error.api_error?.err_code ?? 0);
}
