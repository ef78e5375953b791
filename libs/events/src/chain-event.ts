import { z } from 'zod';

/**
 * One event as the outbox stores it and as consumers see it. It is a CloudEvent: `source` and `id` together are unique
 * for ever, and `sequence` orders and counts the events of one resource without gaps (invariant E5).
 */
export interface ChainEvent {
  /** `<resource_id>:<sequence>`, made by {@link eventId}; also the `Nats-Msg-Id`. */
  readonly id: string;
  /** The NATS subject, made by {@link eventSubject}. (The CloudEvents attribute `subject` is not used.) */
  readonly subject: string;
  /** Made by {@link eventType}. */
  readonly type: string;
  /** URI reference of the resource, `/chainprocessor/execution/executions/<id>`: the scope in which `sequence` counts. */
  readonly source: string;
  /** When it happened, RFC 3339 in UTC. */
  readonly time: string;
  /** URI of the schema of `data`. */
  readonly dataSchema?: string | undefined;
  /** 1..9,999,999,999. */
  readonly sequence: number;
  /** W3C trace context of what caused the event. */
  readonly traceparent?: string | undefined;
  /** Proto3 JSON of a message of `chainprocessor.events.v1`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The largest sequence that the ten digits of `ce-sequence` can hold. */
export const MAX_EVENT_SEQUENCE = 9_999_999_999;

/** Checks an event that comes out of the database or off the wire. */
export const chainEventSchema = z
  .object({
    id: z.string().regex(/^[A-Za-z0-9_-]{1,200}:[1-9][0-9]{0,9}$/, 'must be <resource_id>:<sequence>'),
    subject: z
      .string()
      .max(1_000)
      .regex(
        /^chain\.(execution|catalog|identity)\.v1(\.[A-Za-z0-9_-]+)+$/,
        'must be a subject of the stream',
      ),
    type: z.string().regex(/^[a-z0-9]+(\.[a-z0-9_]+)+\.v[0-9]+$/, 'must be reverse DNS with a version'),
    source: z.string().min(1).max(2_000),
    time: z.iso.datetime(),
    dataSchema: z.string().min(1).max(2_000).optional(),
    sequence: z.int().min(1).max(MAX_EVENT_SEQUENCE),
    traceparent: z
      .string()
      .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
      .optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .refine((event) => event.id.endsWith(`:${event.sequence}`), { error: 'id must end with the sequence' });

/** What events are ordered by: the part of the id before its sequence. */
export function orderingKey(event: ChainEvent): string {
  return event.id.slice(0, event.id.lastIndexOf(':'));
}
