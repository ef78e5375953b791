import { expect } from 'chai';
import { headers as createHeaders } from 'nats';
import type { ChainEvent } from './chain-event.js';
import { decodeCloudEvent, encodeCloudEvent, MalformedEventError } from './cloud-event.js';
import { eventId, eventSubject, eventType } from './event-names.js';

const EXECUTION_ID = '0198b0de-0000-7000-8000-000000000002';
const EVENT: ChainEvent = {
  id: eventId(EXECUTION_ID, 7),
  subject: eventSubject('execution', 'node_succeeded', '0198b0de-0000-7000-8000-000000000001'),
  type: eventType('execution', 'node_succeeded'),
  source: `/chainprocessor/execution/executions/${EXECUTION_ID}`,
  time: '2026-01-02T03:04:05.678Z',
  sequence: 7,
  data: { executionId: EXECUTION_ID, text: 'ä "€"' },
};

/** The event as a consumer gets it, with some headers replaced; undefined removes one. */
function messageWith(replaced: Record<string, string | undefined> = {}, data?: string) {
  const { headers, payload } = encodeCloudEvent(EVENT);
  for (const [name, value] of Object.entries(replaced)) {
    headers.delete(name);
    if (value !== undefined) headers.set(name, value);
  }
  return {
    subject: EVENT.subject,
    headers,
    data: data === undefined ? payload : new TextEncoder().encode(data),
  };
}

describe('CloudEvents encoding', () => {
  it('makes each attribute a header and the data the payload', () => {
    const { headers, payload } = encodeCloudEvent(EVENT);

    expect(Object.fromEntries(headers)).to.deep.equal({
      'Nats-Msg-Id': ['0198b0de-0000-7000-8000-000000000002:7'],
      'ce-specversion': ['1.0'],
      'ce-id': ['0198b0de-0000-7000-8000-000000000002:7'],
      'ce-source': ['/chainprocessor/execution/executions/0198b0de-0000-7000-8000-000000000002'],
      'ce-type': ['com.chainprocessor.execution.node_succeeded.v1'],
      'ce-time': ['2026-01-02T03:04:05.678Z'],
      'ce-datacontenttype': ['application/json'],
      'ce-sequence': ['0000000007'],
    });
    expect(new TextDecoder().decode(payload)).to.equal(
      '{"executionId":"0198b0de-0000-7000-8000-000000000002","text":"ä \\"€\\""}',
    );
  });

  it('adds the optional attributes, percent-encoded', () => {
    const { headers } = encodeCloudEvent({
      ...EVENT,
      dataSchema: 'https://example.com/ä',
      traceparent: 'trace',
    });

    expect(headers.get('ce-dataschema')).to.equal('https://example.com/%C3%A4');
    expect(headers.get('ce-traceparent')).to.equal('trace');
  });

  it('orders sequences as strings', () => {
    const sequences = [9, 10, 9_999_999_999].map((sequence) =>
      encodeCloudEvent({ ...EVENT, sequence }).headers.get('ce-sequence'),
    );

    expect([...sequences].sort()).to.deep.equal(sequences);
  });
});

describe('CloudEvents decoding', () => {
  it('gives the encoded event back', () => {
    const event = { ...EVENT, dataSchema: 'a b', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    const { headers, payload } = encodeCloudEvent(event);

    expect(decodeCloudEvent({ subject: event.subject, headers, data: payload })).to.deep.equal(event);
  });

  it('takes header names in any case and ignores attributes that it does not know', () => {
    const headers = createHeaders();
    for (const [name, [value]] of encodeCloudEvent(EVENT).headers)
      headers.set(name.toUpperCase(), value ?? '');
    headers.set('ce-partitionkey', 'x');

    expect(decodeCloudEvent({ ...messageWith(), headers })).to.deep.equal(EVENT);
  });

  const faults: Record<string, ReturnType<typeof messageWith>> = {
    'no headers': { ...messageWith(), headers: createHeaders() },
    'a missing attribute': messageWith({ 'ce-type': undefined }),
    'another version of CloudEvents': messageWith({ 'ce-specversion': '2.0' }),
    'another content type': messageWith({ 'ce-datacontenttype': 'text/plain' }),
    'a sequence that is not its id’s': messageWith({ 'ce-sequence': '0000000008' }),
    'a sequence without padding': messageWith({ 'ce-sequence': '7' }),
    'bytes in a header that are not UTF-8': messageWith({ 'ce-source': '%C0%A0' }),
    'a time that is none': messageWith({ 'ce-time': 'yesterday' }),
    'a payload that is not JSON': messageWith({}, 'text'),
    'a payload that is no object': messageWith({}, '[]'),
    'a subject of another stream': { ...messageWith(), subject: 'chain.dispatch.v1.pending' },
  };
  for (const [fault, message] of Object.entries(faults)) {
    it(`refuses a message with ${fault}`, () => {
      expect(() => decodeCloudEvent(message)).to.throw(MalformedEventError);
    });
  }
});
