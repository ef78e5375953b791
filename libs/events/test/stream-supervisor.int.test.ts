import { expect } from 'chai';
import { nanos, RetentionPolicy, StorageType, type JetStreamManager } from 'nats';
import {
  createStreamSupervisor,
  DISPATCH_CONSUMER,
  DISPATCH_STREAM,
  EVENT_STREAM,
  streamDeclarations,
  type NatsLink,
  type StreamSupervisor,
} from '../src/index.js';
import { eventually, recordingLog, TestNats } from './test-servers.js';

describe('the stream supervisor', function () {
  this.timeout(60_000);
  let server: TestNats;

  before(async () => {
    server = await TestNats.start();
  });

  afterEach(() => server.endTest());

  after(() => server.close());

  function startSupervisor(nats: NatsLink, log = recordingLog()): StreamSupervisor {
    const supervisor = createStreamSupervisor({ nats, declarations: streamDeclarations(), log });
    server.onTestEnd(() => supervisor.close());
    return supervisor;
  }

  async function managerOf(nats: NatsLink): Promise<JetStreamManager> {
    const connection = await nats.whenConnected();
    if (connection === undefined) throw new Error('the link is closed');
    return connection.jetstreamManager();
  }

  it('declares streams and consumers as documented, and finds no drift afterwards', async () => {
    const nats = await server.connect();
    await startSupervisor(nats).ready;
    const log = recordingLog();

    await startSupervisor(nats, log).ready;

    const manager = await managerOf(nats);
    expect(log.lines).to.deep.equal([]);
    expect((await manager.streams.info(EVENT_STREAM)).config).to.include({
      retention: 'limits',
      discard: 'old',
      storage: 'file',
      max_age: nanos(7 * 24 * 60 * 60 * 1_000),
      max_bytes: 1024 ** 3,
      duplicate_window: nanos(120_000),
    });
    expect((await manager.streams.info(DISPATCH_STREAM)).config).to.include({
      retention: 'workqueue',
      discard: 'new',
    });
    expect((await manager.consumers.info(DISPATCH_STREAM, DISPATCH_CONSUMER)).config).to.include({
      ack_policy: 'explicit',
      max_deliver: -1,
      ack_wait: nanos(30_000),
    });
  });

  it('corrects what somebody changed by hand', async () => {
    const nats = await server.connect();
    await startSupervisor(nats).ready;
    const manager = await managerOf(nats);
    await manager.streams.update(EVENT_STREAM, { max_age: nanos(60_000), duplicate_window: nanos(1_000) });
    await manager.consumers.update(DISPATCH_STREAM, DISPATCH_CONSUMER, { ack_wait: nanos(1_000) });

    await startSupervisor(nats).ready;

    const stream = await manager.streams.info(EVENT_STREAM);
    const consumer = await manager.consumers.info(DISPATCH_STREAM, DISPATCH_CONSUMER);
    expect(stream.config).to.include({ max_age: nanos(604_800_000), duplicate_window: nanos(120_000) });
    expect(consumer.config.ack_wait).to.equal(nanos(30_000));
  });

  it('leaves a stream whose kind is wrong alone and says so', async () => {
    const nats = await server.connect();
    const manager = await managerOf(nats);
    await manager.streams.delete(DISPATCH_STREAM);
    await manager.streams.add({
      name: DISPATCH_STREAM,
      subjects: ['chain.dispatch.v1.>'],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
    });
    const log = recordingLog();

    await startSupervisor(nats, log).ready;

    const { config } = await manager.streams.info(DISPATCH_STREAM);
    expect(config.retention).to.equal('limits');
    expect(log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)).to.deep.equal([
      { stream: DISPATCH_STREAM, settings: ['retention'] },
    ]);
    await manager.streams.delete(DISPATCH_STREAM);
  });

  it('declares everything again when it is told that a stream is missing', async () => {
    const nats = await server.connect();
    const supervisor = startSupervisor(nats);
    await supervisor.ready;
    const manager = await managerOf(nats);
    await manager.streams.delete(EVENT_STREAM);

    await new Promise<void>((resolve) => {
      supervisor.onCreated(resolve);
      supervisor.requestCheck();
    });

    expect((await manager.streams.info(EVENT_STREAM)).state.messages).to.equal(0);
  });

  it('declares everything again after the server came back with an empty disk', async () => {
    const nats = await server.connect();
    const supervisor = startSupervisor(nats);
    await supervisor.ready;
    let hasCreated = false;
    supervisor.onCreated(() => (hasCreated = true));

    await server.stopServer();
    await server.startServer({ isWiped: true });

    await eventually('the streams were created', () => hasCreated);
  });

  it('starts while NATS is down, and can be closed then', async () => {
    await server.stopServer();
    const nats = await server.connect({ isUp: false });
    const supervisor = startSupervisor(nats);

    await supervisor.close();
    await nats.close();
    await server.startServer();

    await supervisor.ready;
  });
});
