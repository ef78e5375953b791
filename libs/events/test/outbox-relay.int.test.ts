import { expect } from 'chai';
import {
  appendToOutbox,
  createOutboxRelay,
  createStreamSupervisor,
  EVENT_STREAM,
  streamDeclarations,
  type EventsLog,
  type NatsLink,
  type OutboxRelay,
} from '../src/index.js';
import {
  commitEvents,
  countStream,
  readIds,
  readStream,
  sampleEvent,
  unpublishedIds,
} from './sample-events.js';
import {
  eventually,
  newId,
  recordingLog,
  startTestPostgres,
  TestNats,
  type TestPostgres,
} from './test-servers.js';

describe('the outbox relay', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let server: TestNats;

  before(async () => {
    [postgres, server] = await Promise.all([startTestPostgres(), TestNats.start()]);
  });

  beforeEach(async () => {
    await postgres.database.query('delete from outbox');
    const nats = await server.connect();
    const manager = await nats.connection()?.jetstreamManager();
    await manager?.streams.delete(EVENT_STREAM).catch((error: unknown) => error);
    const supervisor = createStreamSupervisor({
      nats,
      declarations: streamDeclarations(),
      log: recordingLog(),
    });
    await supervisor.ready;
    await supervisor.close();
  });

  afterEach(() => server.endTest());

  after(async () => {
    await server.close();
    await postgres.close();
  });

  function startRelay(
    nats: NatsLink,
    options: { log?: EventsLog; onStreamMissing?: () => void } = {},
  ): OutboxRelay {
    const relay = createOutboxRelay({ database: postgres.database, nats, log: recordingLog(), ...options });
    server.onTestEnd(() => relay.close());
    return relay;
  }

  async function startDirectRelay(nats: NatsLink): Promise<OutboxRelay> {
    const relay = startRelay(nats);
    await eventually('the first sweep is over', () => relay.status().isDirect);
    return relay;
  }

  it('publishes a committed row at once with exactly the documented headers', async () => {
    const nats = await server.connect();
    const relay = await startDirectRelay(nats);
    const executionId = newId();
    const event = {
      ...sampleEvent(executionId, 1),
      dataSchema: 'https://example.com/a b',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    };

    relay.publish([await commitEvents(postgres.database, [event])]);
    await eventually('the row is marked', async () => (await unpublishedIds(postgres.database)).length === 0);

    const [message] = await readStream(nats);
    expect(message?.subject).to.equal('chain.execution.v1.queued.0198b0de-0000-7000-8000-000000000001');
    expect(Object.fromEntries(message?.header ?? [])).to.deep.equal({
      'Nats-Msg-Id': [`${executionId}:1`],
      'Nats-Expected-Stream': ['CHAIN_EVENTS'],
      'ce-specversion': ['1.0'],
      'ce-id': [`${executionId}:1`],
      'ce-source': [`/chainprocessor/execution/executions/${executionId}`],
      'ce-type': ['com.chainprocessor.execution.queued.v1'],
      'ce-time': ['2026-01-02T03:04:05.678Z'],
      'ce-datacontenttype': ['application/json'],
      'ce-sequence': ['0000000001'],
      'ce-dataschema': ['https://example.com/a%20b'],
      'ce-traceparent': [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
    });
    expect(message?.json()).to.deep.equal({ executionId, sequence: 1 });
  });

  it('publishes nothing of a transaction that was rolled back (E5)', async () => {
    const nats = await server.connect();
    await startDirectRelay(nats);
    const { database } = postgres;
    const rolledBack = new Error('rolled back');

    const failure = await database
      .transaction(async (transaction) => {
        await appendToOutbox({ database, transaction, events: [sampleEvent(newId(), 1)], newId });
        throw rolledBack;
      })
      .catch((error: unknown) => error);
    const later = await commitEvents(database, [sampleEvent(newId(), 1)]);
    await eventually('the later row is swept', async () => (await unpublishedIds(database)).length === 0);

    expect(failure).to.equal(rolledBack);
    expect(await readIds(nats)).to.deep.equal(later.events.map(({ id }) => id));
  });

  it('sweeps up what a process committed and did not publish before it crashed (E5)', async () => {
    const nats = await server.connect();
    const row = await commitEvents(postgres.database, [sampleEvent(newId(), 1), sampleEvent(newId(), 1)]);

    startRelay(nats);
    await eventually('the row is marked', async () => (await unpublishedIds(postgres.database)).length === 0);

    expect(await readIds(nats)).to.have.members(row.events.map(({ id }) => id));
  });

  it('sweeps up what another process left behind while it is publishing its own rows', async () => {
    const nats = await server.connect();
    const relay = await startDirectRelay(nats);

    const abandoned = await commitEvents(postgres.database, [sampleEvent(newId(), 1)]);
    const own = await commitEvents(postgres.database, [sampleEvent(newId(), 1)]);
    relay.publish([own]);
    await eventually(
      'both rows are marked',
      async () => (await unpublishedIds(postgres.database)).length === 0,
    );

    expect(await readIds(nats)).to.have.members([...abandoned.events, ...own.events].map(({ id }) => id));
  });

  it('leaves one message in the stream when a crash before the mark makes it publish twice', async () => {
    const nats = await server.connect();
    const first = await startDirectRelay(nats);
    first.publish([await commitEvents(postgres.database, [sampleEvent(newId(), 1)])]);
    await eventually('the row is marked', async () => (await unpublishedIds(postgres.database)).length === 0);
    await first.close();
    await postgres.database.query('update outbox set published_at = null');

    const second = startRelay(nats);
    await eventually(
      'the row is marked again',
      async () => (await unpublishedIds(postgres.database)).length === 0,
    );

    expect(second.status()).to.include({ published: 1, duplicates: 1 });
    expect(await countStream(nats)).to.equal(1);
  });

  it('publishes everything in order after NATS was down for a while, and logs the outage once', async () => {
    const nats = await server.connect();
    const log = recordingLog();
    const relay = startRelay(nats, { log });
    await eventually('the first sweep is over', () => relay.status().isDirect);
    const executionIds = Array.from({ length: 5 }, () => newId());
    const publishNext = async (sequence: number) => {
      const events = executionIds.map((executionId) => sampleEvent(executionId, sequence));
      relay.publish([await commitEvents(postgres.database, events)]);
    };

    await publishNext(1);
    await server.stopServer();
    for (let sequence = 2; sequence <= 20; sequence += 1) await publishNext(sequence);
    await server.startServer();
    for (let sequence = 21; sequence <= 40; sequence += 1) await publishNext(sequence);
    await eventually(
      'all rows are marked',
      async () => (await unpublishedIds(postgres.database)).length === 0,
    );

    const ids = await readIds(nats);
    expect(ids).to.have.length(200);
    for (const executionId of executionIds) {
      expect(ids.filter((id) => id.startsWith(executionId))).to.deep.equal(
        Array.from({ length: 40 }, (_, index) => `${executionId}:${index + 1}`),
      );
    }
    await eventually('the relay publishes directly again', () => relay.status().isDirect);
    expect(log.lines.map(({ message }) => message)).to.deep.equal([
      'outage began, will keep trying',
      'outage ended',
    ]);
  });

  it('publishes what is committed after the stream was deleted, once it is declared again', async () => {
    const nats = await server.connect();
    const supervisor = createStreamSupervisor({
      nats,
      declarations: streamDeclarations(),
      log: recordingLog(),
    });
    server.onTestEnd(() => supervisor.close());
    const relay = startRelay(nats, { onStreamMissing: () => supervisor.requestCheck() });
    supervisor.onCreated(() => relay.notify());
    await Promise.all([
      supervisor.ready,
      eventually('the first sweep is over', () => relay.status().isDirect),
    ]);

    const manager = await nats.connection()?.jetstreamManager();
    await manager?.streams.delete(EVENT_STREAM);
    const row = await commitEvents(postgres.database, [sampleEvent(newId(), 1)]);
    relay.publish([row]);
    await eventually('the row is marked', async () => (await unpublishedIds(postgres.database)).length === 0);

    expect(await readIds(nats)).to.deep.equal(row.events.map(({ id }) => id));
  });

  it('keeps the order of each execution while it publishes many at once', async () => {
    const nats = await server.connect();
    const relay = await startDirectRelay(nats);
    const executionIds = Array.from({ length: 50 }, () => newId());

    for (let sequence = 1; sequence <= 9; sequence += 3) {
      const events = executionIds.flatMap((id) => [0, 1, 2].map((step) => sampleEvent(id, sequence + step)));
      relay.publish([await commitEvents(postgres.database, events)]);
    }
    await eventually(
      'all rows are marked',
      async () => (await unpublishedIds(postgres.database)).length === 0,
    );

    const ids = await readIds(nats);
    expect(ids).to.have.length(450);
    for (const executionId of executionIds) {
      expect(ids.filter((id) => id.startsWith(executionId))).to.deep.equal(
        Array.from({ length: 9 }, (_, index) => `${executionId}:${index + 1}`),
      );
    }
  });

  it('does not let a damaged or too large event keep its neighbours from being published (E8)', async () => {
    const nats = await server.connect();
    const log = recordingLog();
    const damaged = { ...sampleEvent(newId(), 1), sequence: 2 };
    const tooLarge = { ...sampleEvent(newId(), 1), data: { text: 'x'.repeat(2 * 1024 * 1024) } };
    const rowMates = [sampleEvent(newId(), 1), sampleEvent(newId(), 1)];
    for (const [index, culprit] of [damaged, tooLarge].entries()) {
      await postgres.database.query('insert into outbox (id, events) values ($1, $2::jsonb)', {
        bind: [newId(), JSON.stringify([culprit, rowMates[index]])],
      });
    }
    const neighbour = await commitEvents(postgres.database, [sampleEvent(newId(), 1)]);

    const relay = startRelay(nats, { log });
    await eventually(
      'the neighbour is marked',
      async () => (await unpublishedIds(postgres.database)).length === 2,
    );
    await eventually('the relay publishes directly', () => relay.status().isDirect);

    expect(await readIds(nats)).to.have.members([...rowMates, ...neighbour.events].map(({ id }) => id));
    expect(log.lines.filter(({ level }) => level === 'error')).to.have.length(2);
  });

  it('lets several processes sweep one outbox without publishing anything twice', async () => {
    const nats = await server.connect();
    for (let row = 0; row < 250; row += 1) await commitEvents(postgres.database, [sampleEvent(newId(), 1)]);

    const relays = [startRelay(nats), startRelay(await server.connect()), startRelay(await server.connect())];
    await eventually(
      'all rows are marked',
      async () => (await unpublishedIds(postgres.database)).length === 0,
    );

    expect(relays.reduce((sum, relay) => sum + relay.status().published, 0)).to.equal(250);
    expect(relays.reduce((sum, relay) => sum + relay.status().duplicates, 0)).to.equal(0);
  });

  it('publishes and marks what it has in memory before it closes', async () => {
    const nats = await server.connect();
    const relay = await startDirectRelay(nats);
    const events = Array.from({ length: 500 }, () => sampleEvent(newId(), 1));

    relay.publish([await commitEvents(postgres.database, events)]);
    await relay.close();

    expect(await unpublishedIds(postgres.database)).to.deep.equal([]);
    expect(await countStream(nats)).to.equal(500);
  });
});
