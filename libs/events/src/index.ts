export { connectNats, type NatsLink, type NatsLinkOptions } from './nats-link.js';
export type { EventsLog, LogLine } from './log.js';
export {
  DISPATCH_CONSUMER,
  DISPATCH_STREAM,
  DISPATCH_SUBJECT,
  EVENT_STREAM,
  EVENT_SUBJECTS,
  eventId,
  eventSubject,
  eventType,
  notifySubject,
  type EventDomain,
} from './event-names.js';
export { chainEventSchema, MAX_EVENT_SEQUENCE, type ChainEvent } from './chain-event.js';
export {
  decodeCloudEvent,
  encodeCloudEvent,
  MalformedEventError,
  type EncodedEvent,
  type EncodedMessage,
} from './cloud-event.js';
export { streamDeclarations, type StreamDeclaration, type StreamSettings } from './stream-declarations.js';
export { declareStreams } from './declare-streams.js';
export {
  createStreamSupervisor,
  type StreamSupervisor,
  type StreamSupervisorOptions,
} from './stream-supervisor.js';
export { appendToOutbox, MAX_EVENT_BYTES, type OutboxRow } from './outbox.js';
export {
  createOutboxRelay,
  type OutboxRelay,
  type OutboxRelayOptions,
  type OutboxRelayStatus,
} from './outbox-relay.js';
export { MAX_DISPATCH_IDS } from './dispatch-message.js';
export { createDispatchPublisher, type DispatchPublisher } from './dispatch-publisher.js';
export { consumeDispatch, type DispatchConsumer, type DispatchConsumerOptions } from './dispatch-consumer.js';
export { createTransitionNotifier, type TransitionNotifier } from './transition-notifier.js';
export {
  subscribeEvents,
  type EventDelivery,
  type EventSubscription,
  type EventSubscriptionOptions,
} from './event-subscription.js';
