import { expect } from 'chai';
import { v7 as newId } from 'uuid';
import { connectNats, subscribeEvents, type ChainEvent, type NatsLink } from '@chain-processor/events';
import { EventDetail } from '@chain-processor/proto/catalog';
import {
  ExecutionFailed,
  ExecutionQueued,
  ExecutionSucceeded,
  NodeSucceeded,
  StepStatus,
} from '@chain-processor/proto/events';
import { createLogger } from '@chain-processor/service-kit';
import { testServers } from '@chain-processor/testing';
import { startHarness, type Harness } from './support/harness.js';
import { demoChain, lowercase } from './support/nodes.js';

const log = createLogger({ service: 'test', level: 'fatal' });

describe('execution events', () => {
  let harness: Harness;
  let link: NatsLink;
  before(async () => {
    harness = await startHarness();
    const { url, user, password } = await testServers().nats();
    link = await connectNats({ url, user, pass: password, name: 'test', log, onClosed: () => undefined });
  });
  after(async () => {
    await link.close();
    await harness.stop();
  });

  /** Runs a strategy once and gives its events, up to the last one, as a subscriber gets them. */
  async function eventsOf(strategyId: string, inputText: string): Promise<ChainEvent[]> {
    const subscription = subscribeEvents({
      nats: link,
      log,
      newId,
      subject: `chain.execution.v1.*.${strategyId}`,
    });
    await subscription.ready;
    await harness.executions.runExecution({ strategyId, inputText });
    const events: ChainEvent[] = [];
    for await (const delivery of subscription) {
      const { event } = delivery;
      delivery.ack();
      events.push(event);
      if (/\.(succeeded|failed)\.v1$/.test(event.type)) break;
    }
    await subscription.close();
    return events.sort((a, b) => a.sequence - b.sequence);
  }

  it('tell of every transition, numbered without gaps (E5)', async () => {
    const strategyId = harness.catalog.addStrategy(demoChain);

    const events = await eventsOf(strategyId, 'Hello, big World!');

    const executionId = ExecutionQueued.fromJSON(events[0]?.data).executionId;
    expect(events.map(({ id, subject }) => [id, subject])).to.deep.equal(
      ['queued', 'started', 'node_succeeded', 'node_succeeded', 'node_succeeded', 'succeeded'].map(
        (event, index) => [`${executionId}:${index + 1}`, `chain.execution.v1.${event}.${strategyId}`],
      ),
    );
    expect(NodeSucceeded.fromJSON(events[3]?.data)).to.include({
      position: 2,
      outputText: 'hello big world',
    });
  });

  it('carry no steps unless the strategy asks for them; the last one sums them up', async () => {
    const strategyId = harness.catalog.addStrategy(demoChain, { eventDetail: EventDetail.LIFECYCLE });

    const events = await eventsOf(strategyId, 'Hello, big World!');

    const last = ExecutionSucceeded.fromJSON(events.at(-1)?.data);
    expect(events.map(({ sequence, type }) => `${sequence} ${type}`)).to.deep.equal([
      '1 com.chainprocessor.execution.queued.v1',
      '2 com.chainprocessor.execution.started.v1',
      '3 com.chainprocessor.execution.succeeded.v1',
    ]);
    expect(last.outputText).to.equal('Word count: 3');
    expect(
      last.steps.map(({ position, nodeName, status, attempts }) => [position, nodeName, status, attempts]),
    ).to.deep.equal([
      [1, 'lowercase', StepStatus.SUCCESS, 1],
      [2, 'remove punctuation', StepStatus.SUCCESS, 1],
      [3, 'count words', StepStatus.SUCCESS, 1],
    ]);
  });

  it('say why an execution failed', async () => {
    const strategyId = harness.catalog.addStrategy([
      lowercase,
      { name: 'broken', typescript: `export default () => { throw new Error('no'); }` },
    ]);

    const events = await eventsOf(strategyId, 'A');

    const { error, steps } = ExecutionFailed.fromJSON(events.at(-1)?.data);
    expect(error).to.include({ reason: 'NODE_THREW', position: 2 });
    expect(error?.nodeId).to.equal(steps[1]?.nodeId);
    expect(steps[1]).to.include({ status: StepStatus.FAILED, errorReason: 'NODE_THREW' });
  });

  it('leave texts over 32 KiB out and say so', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);

    const events = await eventsOf(strategyId, 'A'.repeat(40_000));

    const last = ExecutionSucceeded.fromJSON(events.at(-1)?.data);
    expect(last).to.include({ outputText: '', outputTextOmitted: true });
  });
});
