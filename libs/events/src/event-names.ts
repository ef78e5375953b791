import { invariant } from '@chain-processor/errors';

/** Which service an event comes from. */
export type EventDomain = 'execution' | 'catalog' | 'identity';

/** The stream that consumers read. */
export const EVENT_STREAM = 'CHAIN_EVENTS';
/** The work queue of dispatch hints; no event consumer reads it. */
export const DISPATCH_STREAM = 'CHAIN_DISPATCH';
/** The one subject of {@link DISPATCH_STREAM} that is in use. */
export const DISPATCH_SUBJECT = 'chain.dispatch.v1.pending';
/** The durable consumer that all workers share. */
export const DISPATCH_CONSUMER = 'dispatch-workers';
/** Everything that {@link EVENT_STREAM} holds. */
export const EVENT_SUBJECTS = ['chain.execution.v1.>', 'chain.catalog.v1.>', 'chain.identity.v1.>'] as const;

const TOKEN = /^[A-Za-z0-9_-]+$/;

/**
 * The NATS subject of an event, `chain.execution.v1.queued.<strategy_id>`.
 *
 * @param event in the past tense, snake_case: `node_succeeded`
 * @param filterId what consumers filter by: the strategy of an execution, else the resource that changed
 */
export function eventSubject(domain: EventDomain, event: string, filterId: string): string {
  return `chain.${domain}.v1.${subjectToken(event)}.${subjectToken(filterId)}`;
}

/** The CloudEvents type of an event, `com.chainprocessor.execution.queued.v1`: reverse DNS, and a version for its data. */
export function eventType(domain: EventDomain, event: string): string {
  return `com.chainprocessor.${domain}.${subjectToken(event)}.v1`;
}

/** The id of an event, `<resource_id>:<sequence>`. The sequence counts all events of that resource from 1, of any type. */
export function eventId(resourceId: string, sequence: number): string {
  return `${subjectToken(resourceId)}:${sequence}`;
}

/** The subject on which a change of one execution is announced to those who wait for it. */
export function notifySubject(executionId: string): string {
  return `chain.notify.v1.execution.${subjectToken(executionId)}`;
}

/** A wildcard or a dot in an id would address other subjects than the one that is meant. */
function subjectToken(token: string): string {
  invariant(TOKEN.test(token), `"${token}" cannot be part of a NATS subject`);
  return token;
}
