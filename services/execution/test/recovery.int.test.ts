import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { v7 as newId } from 'uuid';
import {
  connectNats,
  createDispatchPublisher,
  subscribeEvents,
  type NatsLink,
} from '@chain-processor/events';
import { startNats } from '@chain-processor/local-stack';
import { ExecutionStatus, type Execution } from '@chain-processor/proto/execution';
import { createLogger } from '@chain-processor/service-kit';
import { testServers } from '@chain-processor/testing';
import { eventually } from './support/eventually.js';
import { startHarness, type Harness } from './support/harness.js';
import { lowercase } from './support/nodes.js';

const log = createLogger({ service: 'test', level: 'fatal' });

const waiting = (milliseconds: number) => ({
  name: 'waiting',
  typescript: `export default (input: string) => new Promise<string>((done) => setTimeout(() => done(input + '.'), ${milliseconds}));`,
});

describe('recovery', () => {
  let harness: Harness;
  let link: NatsLink;
  before(async () => {
    harness = await startHarness({ EXECUTION_ROLE: 'api' });
    const { url, user, password } = await testServers().nats();
    link = await connectNats({ url, user, pass: password, name: 'test', log, onClosed: () => undefined });
  });
  after(async () => {
    await link.close();
    await harness.stop();
  });

  const start = async (strategyId: string, inputText = 'A'): Promise<string> => {
    const { execution } = await harness.executions.startExecution({ strategyId, inputText });
    return execution?.id ?? '';
  };
  const ended = async (executionId: string): Promise<Execution | undefined> => {
    const { execution } = await eventually(
      () => harness.executions.getExecution({ executionId }),
      (answer) => answer.execution?.endTime !== undefined,
    );
    return execution;
  };
  const steps = async (executionId: string) => {
    const { nodeExecutions } = await harness.executions.listNodeExecutions({
      executionId,
      includeTexts: true,
    });
    return nodeExecutions.map(({ position, attempt, status, outputText }) => [
      position,
      attempt,
      status,
      outputText,
    ]);
  };
  /** Puts an execution into the state in which a worker that died has left it. */
  const claimedByDeadWorker = (executionId: string) =>
    harness.database.query(
      `update chain_executions set status = 'in_progress', worker_id = $2, started_at = now(), version = version + 1,
         event_sequence = 2 where id = $1`,
      { bind: [executionId, newId()] },
    );

  it('keeps what was accepted while no worker was there (E1)', async () => {
    const executionId = await start(harness.catalog.addStrategy([lowercase]));

    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker' });
    const execution = await ended(executionId);
    await worker.service.stop();

    expect(execution).to.include({ status: ExecutionStatus.SUCCESS, outputText: 'a' });
  });

  it('resumes the work of a dead worker after the last recorded step, which is not run again (E6)', async () => {
    const strategyId = harness.catalog.addStrategy([waiting(0), waiting(0)]);
    const executionId = await start(strategyId);
    await claimedByDeadWorker(executionId);
    await harness.database.query(
      `insert into node_executions (id, execution_id, node_id, node_revision, position, attempt, status, input_text,
         output_text, started_at, completed_at, execution_time_ms)
       values ($1, $2, $3, 1, 1, 1, 'success', 'A', 'recorded by the dead worker', now(), now(), 1)`,
      { bind: [newId(), executionId, newId()] },
    );

    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker', WORKER_LEASE_MS: '500' });
    await ended(executionId);
    await worker.service.stop();

    expect(await steps(executionId)).to.deep.equal([
      [1, 1, ExecutionStatus.SUCCESS, 'recorded by the dead worker'],
      [2, 1, ExecutionStatus.SUCCESS, 'recorded by the dead worker.'],
    ]);
  });

  it('lets a worker that lost its claim write nothing (E3)', async () => {
    const executionId = await start(harness.catalog.addStrategy([waiting(700)]));
    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker' });
    await eventually(
      () => harness.executions.getExecution({ executionId }),
      ({ execution }) => execution?.status === ExecutionStatus.IN_PROGRESS,
    );
    // Another worker that is alive takes over.
    const otherWorker = newId();
    await harness.database.query('insert into workers (id, host_name, process_id) values ($1, $2, 1)', {
      bind: [otherWorker, 'elsewhere'],
    });
    await harness.database.query(
      'update chain_executions set worker_id = $2, version = version + 1 where id = $1',
      {
        bind: [executionId, otherWorker],
      },
    );

    await worker.service.stop();

    const { execution } = await harness.executions.getExecution({ executionId });
    expect(execution?.status).to.equal(ExecutionStatus.IN_PROGRESS);
    expect(await steps(executionId)).to.deep.equal([]);
  });

  it('runs once what is dispatched twice', async () => {
    const strategyId = harness.catalog.addStrategy([waiting(100)]);
    const executionId = await start(strategyId);
    const dispatch = createDispatchPublisher({ nats: link, log, newId });
    await dispatch.publish([executionId]);
    await dispatch.publish([executionId, executionId]);

    const workers = await Promise.all([1, 2].map(() => harness.startProcess({ EXECUTION_ROLE: 'worker' })));
    await ended(executionId);
    await dispatch.publish([executionId]);
    const [last] = await Promise.all([ended(executionId), ...workers.map(({ service }) => service.stop())]);

    expect(last?.version).to.equal(3);
    expect(await steps(executionId)).to.deep.equal([[1, 1, ExecutionStatus.SUCCESS, 'A.']]);
  });

  it('never takes its own running work for abandoned', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, waiting(20)]);
    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker', WORKER_POLL_MS: '10' });

    const ids = await Promise.all(Array.from({ length: 150 }, () => start(strategyId)));
    const executions = await Promise.all(ids.map(ended));
    await worker.service.stop();

    // Accepted, claimed once, ended.
    expect(new Set(executions.map((execution) => execution?.version))).to.deep.equal(new Set([3]));
  });

  it('fails what this release cannot run and leaves its neighbours alone (E8)', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const good = await Promise.all([1, 2, 3].map(() => start(strategyId)));
    const bad = await start(strategyId);
    const content = JSON.stringify({
      strategyId,
      strategyRevision: 1,
      nodes: [{ position: 1, language: 'cobol' }],
    });
    await harness.database.query(
      `with plan as (
         insert into execution_plans (digest, content, strategy_id, strategy_revision)
         values (sha256(convert_to($1, 'UTF8')), $1, $2, 1) returning digest)
       update chain_executions set plan_digest = (select digest from plan) where id = $3`,
      { bind: [content, strategyId, bad] },
    );

    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker' });
    const executions = await Promise.all([...good, bad].map(ended));
    await worker.service.stop();

    expect(executions.map((execution) => execution?.outputText)).to.deep.equal(['a', 'a', 'a', '']);
    expect(executions[3]?.error).to.include({ reason: 'PLAN_UNSUPPORTED', position: 0 });
  });

  it('fails what was begun too often without coming to an end', async () => {
    const executionId = await start(harness.catalog.addStrategy([lowercase]));
    await claimedByDeadWorker(executionId);
    await harness.database.query('update chain_executions set version = 4 where id = $1', {
      bind: [executionId],
    });

    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker', WORKER_MAX_CLAIMS: '3' });
    const execution = await ended(executionId);
    await worker.service.stop();

    expect(execution?.error).to.include({ reason: 'EXECUTION_ABANDONED' });
    expect(execution?.error?.message).to.include('3 times');
  });

  it('numbers events on from the record when it resumes (E5)', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const executionId = await start(strategyId);
    await claimedByDeadWorker(executionId);

    const worker = await harness.startProcess({ EXECUTION_ROLE: 'worker' });
    await ended(executionId);
    await worker.service.stop();

    const rows = await harness.database.query<{ id: string }>(
      `select event ->> 'id' as id from outbox, jsonb_array_elements(events) as event
       where event ->> 'id' like $1 order by 1`,
      { bind: [`${executionId}:%`] },
    );
    // 2 is the started event, which the dead worker of this test never wrote.
    expect(rows.map(({ id }) => id)).to.deep.equal([1, 3, 4].map((sequence) => `${executionId}:${sequence}`));
  });

  it('hands unfinished work back when it is stopped, and another worker ends it at once', async () => {
    const executionId = await start(harness.catalog.addStrategy([lowercase, waiting(1_500)]));
    const first = await harness.startProcess({
      EXECUTION_ROLE: 'worker',
      SHUTDOWN_GRACE_MS: '200',
      WORKER_LEASE_MS: '600000',
    });
    await eventually(
      () => steps(executionId),
      (recorded) => recorded.length === 1,
    );

    await first.service.stop();
    const second = await harness.startProcess({ EXECUTION_ROLE: 'worker', WORKER_LEASE_MS: '600000' });
    const execution = await ended(executionId);
    await second.service.stop();

    expect(execution).to.include({ status: ExecutionStatus.SUCCESS, outputText: 'a.' });
    expect(await steps(executionId)).to.have.length(2);
  });
});

describe('an outage of NATS', () => {
  it('neither stops executions nor loses their events', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'chain-processor-outage-'));
    const options = {
      storeDirectory: join(directory, 'store'),
      cacheDirectory: join(directory, 'cache'),
      log: () => undefined,
    };
    const nats = await startNats(options);
    const { url, user, password } = nats;
    const harness = await startHarness({ NATS_URL: url, NATS_USER: user, NATS_PASSWORD: password });
    const link = await connectNats({
      url,
      user,
      pass: password,
      name: 'test',
      log,
      onClosed: () => undefined,
    });
    const strategyId = harness.catalog.addStrategy([lowercase]);
    const subscription = subscribeEvents({
      nats: link,
      log,
      newId,
      subject: `chain.execution.v1.*.${strategyId}`,
      durableName: `outage-${newId()}`,
    });
    let restarted: Awaited<ReturnType<typeof startNats>> | undefined;
    try {
      await subscription.ready;
      await nats.stop();

      const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'NO NATS' });
      restarted = await startNats({ ...options, preferredPort: nats.port });
      const received: string[] = [];
      for await (const delivery of subscription) {
        const { event } = delivery;
        delivery.ack();
        received.push(`${event.sequence} ${event.type}`);
        if (event.sequence === 4) break;
      }

      expect(execution?.outputText).to.equal('no nats');
      expect(received.sort()).to.deep.equal([
        '1 com.chainprocessor.execution.queued.v1',
        '2 com.chainprocessor.execution.started.v1',
        '3 com.chainprocessor.execution.node_succeeded.v1',
        '4 com.chainprocessor.execution.succeeded.v1',
      ]);
    } finally {
      await subscription.close();
      await link.close();
      await harness.stop();
      await (restarted ?? nats).stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
