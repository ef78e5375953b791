import { expect } from 'chai';
import {
  createStreamSupervisor,
  encodeCloudEvent,
  EVENT_STREAM,
  streamDeclarations,
  subscribeEvents,
  type ChainEvent,
  type EventDelivery,
  type EventSubscriptionOptions,
  type NatsLink,
  type StreamSupervisor,
} from '../src/index.js';
import { sampleEvent } from './sample-events.js';
import { eventually, newId, recordingLog, TestNats } from './test-servers.js';

describe('an event subscription', function () {
  this.timeout(60_000);
  let server: TestNats;
  let nats: NatsLink;
  let supervisor: StreamSupervisor;

  before(async () => {
    server = await TestNats.start();
  });

  beforeEach(async () => {
    nats = await server.connect();
    // So short that a repeat is the subscription's to notice.
    const declarations = streamDeclarations({ eventDuplicateWindowMs: 100 });
    supervisor = createStreamSupervisor({ nats, declarations, log: recordingLog(), intervalMs: 500 });
    server.onTestEnd(() => supervisor.close());
    await supervisor.ready;
    const manager = await nats.connection()?.jetstreamManager();
    await manager?.streams.purge(EVENT_STREAM);
  });

  afterEach(() => server.endTest());

  after(() => server.close());

  function subscribe(options: Partial<EventSubscriptionOptions> = {}) {
    const subscription = subscribeEvents({ nats, log: recordingLog(), newId, ...options });
    server.onTestEnd(() => subscription.close());
    return subscription;
  }

  /** Acknowledges what comes, and returns the list that it goes to. */
  function collect(deliveries: AsyncIterable<EventDelivery>): ChainEvent[] {
    const events: ChainEvent[] = [];
    const run = async () => {
      for await (const delivery of deliveries) {
        events.push(delivery.event);
        delivery.ack();
      }
    };
    void run();
    return events;
  }

  async function publish(event: ChainEvent, { msgID }: { msgID?: string } = {}): Promise<void> {
    const { headers, payload } = encodeCloudEvent(event);
    if (msgID !== undefined) headers.set('Nats-Msg-Id', msgID);
    await nats.connection()?.jetstream().publish(event.subject, payload, { headers });
  }

  it('yields events as they were published', async () => {
    const events = [sampleEvent(newId(), 1), sampleEvent(newId(), 1)];
    const subscription = subscribe();
    await subscription.ready;
    const received = collect(subscription);

    for (const event of events) await publish(event);
    await eventually('both came', () => received.length === 2);

    expect(received).to.deep.equal(events);
  });

  it('drops an event that comes a second time under the same id', async () => {
    const event = sampleEvent(newId(), 1);
    const last = sampleEvent(newId(), 1);
    const subscription = subscribe();
    await subscription.ready;
    const received = collect(subscription);

    await publish(event);
    await publish(event, { msgID: newId() });
    await publish(last);
    await eventually('the last came', () => received.some(({ id }) => id === last.id));

    expect(received.map(({ id }) => id)).to.deep.equal([event.id, last.id]);
  });

  it('yields only the subjects that were asked for', async () => {
    const wanted = { ...sampleEvent(newId(), 1), subject: 'chain.catalog.v1.node_changed.a' };
    const subscription = subscribe({ subject: 'chain.catalog.v1.>', startFrom: 'beginning' });
    const received = collect(subscription);

    await publish(sampleEvent(newId(), 1));
    await publish(wanted);
    await eventually('it came', () => received.length === 1);

    expect(received).to.deep.equal([wanted]);
  });

  it('yields an event again when it was not dealt with, also to the next process of the same name', async () => {
    const event = sampleEvent(newId(), 1);
    const durableName = `test-${newId()}`;
    const first = subscribe({ durableName, startFrom: 'beginning' });
    await publish(event);
    let deliveries = 0;
    for await (const delivery of first) {
      deliveries += 1;
      delivery.retry(deliveries === 1 ? 0 : 500);
      if (deliveries === 2) break;
    }
    await first.close();

    const received = collect(subscribe({ durableName, startFrom: 'beginning' }));
    await eventually('it came again', () => received.length === 1);

    expect(received).to.deep.equal([event]);
  });

  it('goes on where it was after its consumer was deleted', async () => {
    const durableName = `test-${newId()}`;
    const events = [1, 2, 3].map((sequence) => sampleEvent(newId(), sequence));
    const [first, second, third] = events;
    const received = collect(subscribe({ durableName, startFrom: 'beginning' }));
    if (first !== undefined) await publish(first);
    await eventually('the first came', () => received.length === 1);

    const manager = await nats.connection()?.jetstreamManager();
    await manager?.consumers.delete(EVENT_STREAM, durableName);
    if (second !== undefined) await publish(second);
    if (third !== undefined) await publish(third);
    await eventually('the others came', () => received.length >= 3);

    expect(received).to.deep.equal(events);
  });

  it('yields everything that a stream holds which was deleted and declared again', async () => {
    const received = collect(subscribe());
    const before = sampleEvent(newId(), 1);
    await eventually('the subscription works', async () => {
      await publish(before, { msgID: newId() });
      return received.length > 0;
    });

    const manager = await nats.connection()?.jetstreamManager();
    await manager?.streams.delete(EVENT_STREAM);
    await new Promise<void>((resolve) => {
      supervisor.onCreated(resolve);
      supervisor.requestCheck();
    });
    const after = [1, 2, 3].map((sequence) => sampleEvent(newId(), sequence));
    for (const event of after) await publish(event);
    await eventually('all came', () => received.length >= 4);

    expect(received).to.deep.equal([before, ...after]);
  });

  it('skips a message that is no event, and says so', async () => {
    const log = recordingLog();
    const event = sampleEvent(newId(), 1);
    const subscription = subscribe({ log });
    await subscription.ready;
    const received = collect(subscription);

    await nats.connection()?.jetstream().publish('chain.execution.v1.queued.x', '{}');
    await publish(event);
    await eventually('the event came', () => received.length === 1);

    expect(received).to.deep.equal([event]);
    expect(log.lines.filter(({ level }) => level === 'error')).to.have.length(1);
  });
});
