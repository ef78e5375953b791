import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Durability } from '@chain-processor/proto/catalog';
import { ExecutionStatus, type WatchExecutionResponse } from '@chain-processor/proto/execution';
import { failureOf } from '@chain-processor/testing';
import { startHarness, type ExecutionClient, type Harness } from './support/harness.js';
import { demoChain, lowercase } from './support/nodes.js';

const waitFor = (milliseconds: number) => ({
  typescript: `export default (input: string) => new Promise<string>((done) => setTimeout(() => done(input), ${milliseconds}));`,
});

async function collect(
  client: ExecutionClient,
  executionId: string,
  afterSequence = 0,
): Promise<WatchExecutionResponse[]> {
  const messages: WatchExecutionResponse[] = [];
  for await (const message of client.watchExecution({ executionId, afterSequence })) messages.push(message);
  return messages;
}

const outline = (messages: readonly WatchExecutionResponse[]) =>
  messages.map(({ sequence, execution, nodeExecution }) => [
    sequence,
    execution?.status,
    nodeExecution?.position,
  ]);

const DEMO_OUTLINE = [
  [1, ExecutionStatus.PENDING, undefined],
  [2, ExecutionStatus.IN_PROGRESS, undefined],
  [3, ExecutionStatus.IN_PROGRESS, 1],
  [4, ExecutionStatus.IN_PROGRESS, 2],
  [5, ExecutionStatus.IN_PROGRESS, 3],
  [6, ExecutionStatus.SUCCESS, undefined],
];

describe('WatchExecution', () => {
  let harness: Harness;
  before(async () => (harness = await startHarness()));
  after(() => harness.stop());

  it('sends every transition once and in order while the execution runs', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, waitFor(300), lowercase]);
    const { execution } = await harness.executions.startExecution({ strategyId, inputText: 'A' });

    const messages = await collect(harness.executions, execution?.id ?? '');

    expect(outline(messages)).to.deep.equal(DEMO_OUTLINE);
    expect(messages.at(-1)?.execution?.outputText).to.equal('a');
  });

  it('shows a finished step while the next one still runs', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, waitFor(1_500)]);
    const { execution } = await harness.executions.startExecution({ strategyId, inputText: 'A' });
    const executionId = execution?.id ?? '';

    for await (const { nodeExecution } of harness.executions.watchExecution({ executionId })) {
      if (nodeExecution?.position === 1) break;
    }
    const { execution: meanwhile } = await harness.executions.getExecution({ executionId });

    expect(meanwhile?.status).to.equal(ExecutionStatus.IN_PROGRESS);
  });

  it('sends the same again for an execution that has ended, and resumes after a sequence', async () => {
    const strategyId = harness.catalog.addStrategy(demoChain);
    const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'One, two.' });
    const executionId = execution?.id ?? '';

    const all = await collect(harness.executions, executionId);
    const rest = await collect(harness.executions, executionId, 4);
    const none = await collect(harness.executions, executionId, 6);

    expect(outline(all)).to.deep.equal(DEMO_OUTLINE);
    expect(outline(rest)).to.deep.equal(DEMO_OUTLINE.slice(4));
    expect(none).to.deep.equal([]);
  });

  it('sends a failed step and the end with the same numbers live and afterwards', async () => {
    const failing = { typescript: `export default () => { throw new Error('no'); }`, maxAttempts: 2 };
    const strategyId = harness.catalog.addStrategy([waitFor(50), failing], { durability: Durability.STEP });

    for (let round = 0; round < 5; round += 1) {
      const { execution } = await harness.executions.startExecution({ strategyId, inputText: 'A' });
      const executionId = execution?.id ?? '';
      const live = await collect(harness.executions, executionId);
      const afterwards = await collect(harness.executions, executionId);

      expect(outline(live)).to.deep.equal([
        [1, ExecutionStatus.PENDING, undefined],
        [2, ExecutionStatus.IN_PROGRESS, undefined],
        [3, ExecutionStatus.IN_PROGRESS, 1],
        [4, ExecutionStatus.IN_PROGRESS, 2],
        [5, ExecutionStatus.FAILED, undefined],
      ]);
      expect(outline(afterwards)).to.deep.equal(outline(live));
      expect(live[3]?.nodeExecution?.attempt).to.equal(2);
    }
  });

  it('says that an unknown execution is not found', async () => {
    const failure = await failureOf(collect(harness.executions, randomUUID()));

    expect(failure).to.include({ code: 'NOT_FOUND', reason: 'EXECUTION_NOT_FOUND' });
  });

  it('ends with UNAVAILABLE when the server stops, and resumes at another one', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, waitFor(2_500)]);
    const second = await harness.startProcess({ EXECUTION_ROLE: 'api' });
    const { execution } = await harness.executions.startExecution({ strategyId, inputText: 'A' });
    const executionId = execution?.id ?? '';
    const seen: number[] = [];

    const failure = await failureOf(
      (async () => {
        for await (const { sequence } of second.executions.watchExecution({ executionId })) {
          seen.push(sequence);
          if (sequence === 3) void second.service.stop();
        }
      })(),
    );
    const rest = await collect(harness.executions, executionId, seen.at(-1));

    expect(failure).to.include({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    expect([...seen, ...rest.map(({ sequence }) => sequence)]).to.deep.equal([1, 2, 3, 4, 5]);
  });
});
