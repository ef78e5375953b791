import { expect } from 'chai';
import { AckPolicy, NatsError, type JetStreamManager, type JsMsg } from 'nats';
import { createMessagePuller, type MessagePuller } from '../src/message-puller.js';
import type { NatsLink } from '../src/index.js';
import { newId, TestNats } from './test-servers.js';

const STREAM = 'PULLED';

describe('a message puller', function () {
  this.timeout(60_000);
  let server: TestNats;
  let nats: NatsLink;
  let manager: JetStreamManager;
  let consumerName: string;

  before(async () => {
    server = await TestNats.start();
  });

  beforeEach(async () => {
    nats = await server.connect();
    const connection = await nats.whenConnected();
    if (connection === undefined) throw new Error('the link is closed');
    manager = await connection.jetstreamManager();
    await manager.streams.add({ name: STREAM, subjects: ['pulled'] });
    consumerName = `test-${newId()}`;
    await addConsumer();
  });

  afterEach(async () => {
    await manager.streams.delete(STREAM);
    await server.endTest();
  });

  after(() => server.close());

  async function addConsumer(): Promise<void> {
    await manager.consumers.add(STREAM, { durable_name: consumerName, ack_policy: AckPolicy.Explicit });
  }

  async function publish(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += 1) await nats.connection()?.jetstream().publish('pulled');
  }

  function pullerOf(): MessagePuller {
    return createMessagePuller({ nats, streamName: STREAM, consumerName });
  }

  async function pull(puller: MessagePuller, maxMessages: number): Promise<readonly JsMsg[]> {
    const messages: JsMsg[] = [];
    for await (const message of puller.pull(maxMessages)) {
      message.ack();
      messages.push(message);
    }
    return messages;
  }

  /** What the next pulls fail with; the first may end without a word, the second may not. */
  async function failureOfNextPulls(puller: MessagePuller): Promise<unknown> {
    try {
      await pull(puller, 1);
      await pull(puller, 1);
    } catch (error) {
      return error;
    }
    return undefined;
  }

  it('yields exactly as many messages as were asked for', async () => {
    await publish(3);
    const puller = pullerOf();

    const first = await pull(puller, 2);
    const second = await pull(puller, 1);

    expect([...first, ...second].map(({ seq }) => seq)).to.deep.equal([1, 2, 3]);
  });

  it('fails when its consumer was deleted between two pulls, of which the server says nothing', async () => {
    await publish(1);
    const puller = pullerOf();
    await pull(puller, 1);

    await manager.consumers.delete(STREAM, consumerName);
    const failure = await failureOfNextPulls(puller);

    expect(failure).to.be.instanceOf(NatsError).with.nested.property('api_error.code', 404);
  });

  it('fails once when its consumer was deleted and made again between two pulls', async () => {
    await publish(1);
    const puller = pullerOf();
    await pull(puller, 1);

    await manager.consumers.delete(STREAM, consumerName);
    await manager.streams.purge(STREAM);
    await addConsumer();
    const failure = await failureOfNextPulls(puller);
    await publish(1);
    const messages = await pull(puller, 1);

    expect(failure).to.have.property('name', 'ConsumerReplacedError');
    expect(messages.map(({ seq }) => seq)).to.deep.equal([2]);
  });
});
