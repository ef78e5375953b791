import { headers as createHeaders, type MsgHdrs } from 'nats';
import { z } from 'zod';
import { chainEventSchema, type ChainEvent } from './chain-event.js';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';

/** A message that is not one of our events. It will not become one by being delivered again. */
export class MalformedEventError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'MalformedEventError';
  }
}

/** What goes on the wire for one event. */
export interface EncodedEvent {
  readonly headers: MsgHdrs;
  /** JSON in UTF-8. */
  readonly payload: Uint8Array;
}

/** The part of a NATS message that decoding needs; `Msg` and `JsMsg` have it. */
export interface EncodedMessage {
  readonly subject: string;
  readonly headers?: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

const DATA_CONTENT_TYPE = 'application/json';
const SEQUENCE_DIGITS = 10;
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Encodes an event as CloudEvents 1.0 in NATS binary mode: each attribute a `ce-` header, the data as the payload.
 * `Nats-Msg-Id` is the event's id, so a second publish inside the stream's duplicate window stores nothing.
 */
export function encodeCloudEvent(event: ChainEvent): EncodedEvent {
  const headers = createHeaders();
  headers.set('Nats-Msg-Id', event.id);
  headers.set('ce-specversion', '1.0');
  headers.set('ce-id', encodeHeaderValue(event.id));
  headers.set('ce-source', encodeHeaderValue(event.source));
  headers.set('ce-type', encodeHeaderValue(event.type));
  headers.set('ce-time', encodeHeaderValue(event.time));
  headers.set('ce-datacontenttype', DATA_CONTENT_TYPE);
  headers.set('ce-sequence', encodeSequence(event.sequence));
  if (event.dataSchema !== undefined) headers.set('ce-dataschema', encodeHeaderValue(event.dataSchema));
  if (event.traceparent !== undefined) headers.set('ce-traceparent', encodeHeaderValue(event.traceparent));
  return { headers, payload: textEncoder.encode(JSON.stringify(event.data)) };
}

const attributesSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string(),
  datacontenttype: z.literal(DATA_CONTENT_TYPE),
  sequence: z.string().regex(/^[0-9]{10}$/, 'must be ten digits'),
  dataschema: z.string().optional(),
  traceparent: z.string().optional(),
});

/**
 * Decodes what {@link encodeCloudEvent} wrote. Attributes that this version does not know are ignored, so that producers
 * may add some.
 *
 * @throws MalformedEventError when the message is not such an event
 */
export function decodeCloudEvent(message: EncodedMessage): ChainEvent {
  try {
    const data: unknown = JSON.parse(textDecoder.decode(message.data));
    const attributes = attributesSchema.parse(readAttributes(message.headers));
    return chainEventSchema.parse({
      id: attributes.id,
      subject: message.subject,
      type: attributes.type,
      source: attributes.source,
      time: attributes.time,
      ...(attributes.dataschema === undefined ? {} : { dataSchema: attributes.dataschema }),
      sequence: Number(attributes.sequence),
      ...(attributes.traceparent === undefined ? {} : { traceparent: attributes.traceparent }),
      data,
    });
  } catch (error) {
    throw new MalformedEventError(`the message on "${message.subject}" is not an event of Chain Processor`, {
      cause: error,
    });
  }
}

/** Ten digits with leading zeros, so that comparing the strings compares the numbers. */
function encodeSequence(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, '0');
}

/** Attribute names to decoded values. Header names are case-insensitive by the binding, though not in the client. */
function readAttributes(headers: MsgHdrs | undefined): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, values] of headers ?? []) {
    const lowerName = name.toLowerCase();
    const [value] = values;
    if (lowerName.startsWith('ce-') && value !== undefined) {
      attributes[lowerName.slice('ce-'.length)] = decodeHeaderValue(value);
    }
  }
  return attributes;
}
