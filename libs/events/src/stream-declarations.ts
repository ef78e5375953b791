import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type StreamConfig,
} from 'nats';
import {
  DISPATCH_CONSUMER,
  DISPATCH_STREAM,
  DISPATCH_SUBJECT,
  EVENT_STREAM,
  EVENT_SUBJECTS,
} from './event-names.js';

/** A stream and its durable consumers, as they should be. Settings that are not named here are left to the operator. */
export interface StreamDeclaration {
  readonly stream: Readonly<Partial<StreamConfig>> & { readonly name: string };
  readonly consumers: readonly (Readonly<Partial<ConsumerConfig>> & { readonly durable_name: string })[];
}

/** What differs between installations. */
export interface StreamSettings {
  /** Copies of each stream. Default 1; production has 3. */
  readonly replicas?: number;
  /** How long consumers can read an event. Default 7 days. */
  readonly eventMaxAgeMs?: number;
  /** Bound on {@link EVENT_STREAM}. Default 1 GiB. */
  readonly eventMaxBytes?: number;
  /** How long {@link EVENT_STREAM} recognises a repeated id. Default 2 minutes. */
  readonly eventDuplicateWindowMs?: number;
  /** Bound on {@link DISPATCH_STREAM}. Default 64 MiB. */
  readonly dispatchMaxBytes?: number;
}

/** How long a worker may take to claim before its message is delivered to another one. */
export const DISPATCH_ACK_WAIT_MS = 30_000;

const DAY_MS = 24 * 60 * 60 * 1_000;
const MIB = 1024 * 1024;

/** The streams of the system. Every service declares the same ones. */
export function streamDeclarations(settings: StreamSettings = {}): readonly StreamDeclaration[] {
  return [eventStream(settings), dispatchStream(settings)];
}

/**
 * When the stream is full it drops the oldest events, not the new ones: PostgreSQL keeps them all, so a reader that
 * finds a gap fills it from there, while refusing new events would stop every consumer until old ones age out.
 */
function eventStream(settings: StreamSettings): StreamDeclaration {
  return {
    stream: {
      name: EVENT_STREAM,
      description: 'What happened to executions, nodes, strategies and users',
      subjects: [...EVENT_SUBJECTS],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: nanos(settings.eventMaxAgeMs ?? 7 * DAY_MS),
      max_bytes: settings.eventMaxBytes ?? 1024 * MIB,
      duplicate_window: nanos(settings.eventDuplicateWindowMs ?? 120_000),
      num_replicas: settings.replicas ?? 1,
    },
    consumers: [],
  };
}

/**
 * Hints of which executions are pending. When the stream is full a publisher is told so and the workers find the rows by
 * polling; dropping old hints would delay those that have waited longest, without a word.
 */
function dispatchStream(settings: StreamSettings): StreamDeclaration {
  return {
    stream: {
      name: DISPATCH_STREAM,
      description: 'Ids of executions that wait for a worker',
      subjects: ['chain.dispatch.v1.>'],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_age: nanos(60 * 60 * 1_000),
      max_bytes: settings.dispatchMaxBytes ?? 64 * MIB,
      // Every publish has an id of its own, so this only catches a retry of the same publish.
      duplicate_window: nanos(30_000),
      num_replicas: settings.replicas ?? 1,
    },
    consumers: [
      {
        durable_name: DISPATCH_CONSUMER,
        description: 'All workers together',
        filter_subject: DISPATCH_SUBJECT,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(DISPATCH_ACK_WAIT_MS),
        deliver_policy: DeliverPolicy.All,
        replay_policy: ReplayPolicy.Instant,
        // A message at its limit would stay in the stream and be delivered to nobody, invisibly. Attempts are counted in PostgreSQL.
        max_deliver: -1,
        max_ack_pending: 10_000,
      },
    ],
  };
}
