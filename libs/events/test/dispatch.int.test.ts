import { expect } from 'chai';
import {
  consumeDispatch,
  createDispatchPublisher,
  createStreamSupervisor,
  DISPATCH_STREAM,
  DISPATCH_SUBJECT,
  streamDeclarations,
  type DispatchConsumer,
  type DispatchPublisher,
  type NatsLink,
  type StreamSupervisor,
} from '../src/index.js';
import { eventually, newId, recordingLog, TestNats } from './test-servers.js';

/** A worker that counts what it claimed and takes no more than its slots. */
interface TestWorker {
  readonly claimed: string[];
  readonly batchSizes: number[];
  slots: number;
  readonly consumer: DispatchConsumer;
}

describe('dispatch', function () {
  this.timeout(60_000);
  let server: TestNats;
  let nats: NatsLink;
  let supervisor: StreamSupervisor;

  before(async () => {
    server = await TestNats.start();
  });

  beforeEach(async () => {
    nats = await server.connect();
    supervisor = createStreamSupervisor({ nats, declarations: streamDeclarations(), log: recordingLog() });
    server.onTestEnd(() => supervisor.close());
    await supervisor.ready;
    const manager = await nats.connection()?.jetstreamManager();
    await manager?.streams.purge(DISPATCH_STREAM);
  });

  afterEach(() => server.endTest());

  after(() => server.close());

  function startPublisher(link: NatsLink = nats): DispatchPublisher {
    return createDispatchPublisher({
      nats: link,
      log: recordingLog(),
      newId,
      onStreamMissing: () => supervisor.requestCheck(),
    });
  }

  function startWorker({ slots, link = nats }: { slots: number; link?: NatsLink }): TestWorker {
    const claimed: string[] = [];
    const batchSizes: number[] = [];
    const consumer = consumeDispatch({
      nats: link,
      log: recordingLog(),
      newId,
      onStreamMissing: () => supervisor.requestCheck(),
      freeSlots: () => worker.slots,
      handler: async (executionIds) => {
        batchSizes.push(executionIds.length);
        const taken = executionIds.slice(0, worker.slots);
        worker.slots -= taken.length;
        claimed.push(...taken);
        return executionIds.slice(taken.length);
      },
    });
    const worker: TestWorker = { claimed, batchSizes, slots, consumer };
    server.onTestEnd(() => consumer.close());
    return worker;
  }

  async function waitingMessages(): Promise<number | undefined> {
    const manager = await nats.connection()?.jetstreamManager();
    return (await manager?.streams.info(DISPATCH_STREAM))?.state.messages;
  }

  it('carries up to 64 executions in a message', async () => {
    const executionIds = Array.from({ length: 150 }, () => newId());
    const worker = startWorker({ slots: 1_000 });

    const untold = await startPublisher().publish(executionIds);
    await eventually('all were claimed', () => worker.claimed.length === 150);

    expect(untold).to.deep.equal([]);
    expect(worker.claimed).to.have.members(executionIds);
    expect(worker.batchSizes).to.have.members([64, 64, 22]);
    await eventually('all messages are acknowledged', async () => (await waitingMessages()) === 0);
  });

  it('delivers executions that are dispatched again after their message was acknowledged', async () => {
    const executionIds = [newId()];
    const worker = startWorker({ slots: 10 });
    const publisher = startPublisher();

    await publisher.publish(executionIds);
    await eventually('the first message is acknowledged', async () => (await waitingMessages()) === 0);
    await publisher.publish(executionIds);

    await eventually('they were claimed twice', () => worker.claimed.length === 2);
  });

  it('pulls nothing while there is no free slot, and goes on when there is', async () => {
    const full = startWorker({ slots: 0 });
    await startPublisher().publish([newId()]);
    const free = startWorker({ slots: 1 });
    await eventually('the free worker has it', () => free.claimed.length === 1);
    await startPublisher().publish([newId()]);

    full.slots = 1;
    full.consumer.slotsFreed();
    await eventually('the other worker has the next one', () => full.claimed.length === 1);

    expect(full.batchSizes).to.deep.equal([1]);
  });

  it('hands back what a worker has no room for, and another worker takes it', async () => {
    const executionIds = Array.from({ length: 64 }, () => newId());
    const small = startWorker({ slots: 5 });
    await startPublisher().publish(executionIds);
    await eventually('the small worker is full', () => small.claimed.length === 5);

    const large = startWorker({ slots: 100 });
    await eventually('the large worker has the rest', () => large.claimed.length === 59);

    expect([...small.claimed, ...large.claimed]).to.have.members(executionIds);
    await eventually('all messages are acknowledged', async () => (await waitingMessages()) === 0);
  });

  it('delivers a message again when its handler failed', async () => {
    let calls = 0;
    const consumer = consumeDispatch({
      nats,
      log: recordingLog(),
      newId,
      freeSlots: () => 10,
      handler: () => {
        calls += 1;
        return calls === 1 ? Promise.reject(new Error('database is down')) : Promise.resolve([]);
      },
    });
    server.onTestEnd(() => consumer.close());

    await startPublisher().publish([newId()]);

    await eventually('it was acknowledged', async () => calls === 2 && (await waitingMessages()) === 0);
  });

  it('drops a malformed message and goes on', async () => {
    const worker = startWorker({ slots: 10 });

    await nats.connection()?.jetstream().publish(DISPATCH_SUBJECT, 'no json');
    await startPublisher().publish([newId()]);
    await eventually('the good one was claimed', () => worker.claimed.length === 1);

    await eventually('nothing is left', async () => (await waitingMessages()) === 0);
  });

  it('goes on after the stream was deleted and declared again', async () => {
    const worker = startWorker({ slots: 10 });
    await startPublisher().publish([newId()]);
    await eventually('the first was claimed', () => worker.claimed.length === 1);

    const manager = await nats.connection()?.jetstreamManager();
    await manager?.streams.delete(DISPATCH_STREAM);
    const executionId = newId();
    await eventually('a message is stored again', async () => {
      return (await startPublisher().publish([executionId])).length === 0;
    });

    await eventually('it was claimed', () => worker.claimed.includes(executionId));
  });

  it('goes on after the server was restarted with an empty disk', async () => {
    const worker = startWorker({ slots: 10 });

    await server.stopServer();
    await server.startServer({ isWiped: true });
    const executionId = newId();
    await eventually('a message is stored again', async () => {
      return (await startPublisher().publish([executionId])).length === 0;
    });

    await eventually('it was claimed', () => worker.claimed.includes(executionId));
  });

  it('starts while NATS is down, says what it could not dispatch, and works when NATS is up', async () => {
    await server.stopServer();
    const link = await server.connect({ isUp: false });
    const worker = startWorker({ slots: 10, link });
    const executionIds = [newId()];

    expect(await startPublisher(link).publish(executionIds)).to.deep.equal(executionIds);
    await server.startServer();
    await eventually('a message is stored', async () => {
      return (await startPublisher(link).publish(executionIds)).length === 0;
    });

    await eventually('it was claimed', () => worker.claimed.length === 1);
  });

  it('waits for its handlers when it closes', async () => {
    let finishHandler: () => void = () => undefined;
    let hasStarted = false;
    let hasEnded = false;
    const consumer = consumeDispatch({
      nats,
      log: recordingLog(),
      newId,
      freeSlots: () => 10,
      handler: async () => {
        hasStarted = true;
        await new Promise<void>((resolve) => {
          finishHandler = resolve;
        });
        hasEnded = true;
        return [];
      },
    });
    await startPublisher().publish([newId()]);
    await eventually('the handler runs', () => hasStarted);

    const closing = consumer.close();
    finishHandler();
    await closing;

    expect(hasEnded).to.equal(true);
    await eventually('its message is acknowledged', async () => (await waitingMessages()) === 0);
  });
});
