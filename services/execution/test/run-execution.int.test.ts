import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { OnError } from '@chain-processor/proto/catalog';
import { ExecutionStatus } from '@chain-processor/proto/execution';
import { startHarness, type Harness } from './support/harness.js';
import { countWords, demoChain, lowercase } from './support/nodes.js';

describe('RunExecution', () => {
  let harness: Harness;
  before(async () => (harness = await startHarness()));
  after(() => harness.stop());

  it('runs builtin and code nodes and answers the output', async () => {
    const strategyId = harness.catalog.addStrategy(demoChain);

    const { execution } = await harness.executions.runExecution({
      strategyId,
      inputText: 'Hello, big World!',
    });

    expect(execution).to.include({
      status: ExecutionStatus.SUCCESS,
      outputText: 'Word count: 3',
      strategyId,
      inputText: '',
    });
    expect(execution?.startTime).to.be.instanceOf(Date);
    expect(execution?.endTime).to.be.instanceOf(Date);
  });

  it('records every step with the output of one as the input of the next (E4)', async () => {
    const strategyId = harness.catalog.addStrategy(demoChain);

    const { execution } = await harness.executions.runExecution({
      strategyId,
      inputText: 'Hello, big World!',
    });
    const { nodeExecutions, nextPageToken } = await harness.executions.listNodeExecutions({
      executionId: execution?.id ?? '',
      includeTexts: true,
    });

    expect(
      nodeExecutions.map(({ position, attempt, inputText, outputText }) => [
        position,
        attempt,
        inputText,
        outputText,
      ]),
    ).to.deep.equal([
      [1, 1, 'Hello, big World!', 'hello, big world!'],
      [2, 1, 'hello, big world!', 'hello big world'],
      [3, 1, 'hello big world', 'Word count: 3'],
    ]);
    expect(nextPageToken).to.equal('');
  });

  it('pages through the steps', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, lowercase, lowercase]);
    const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'A' });
    const executionId = execution?.id ?? '';

    const first = await harness.executions.listNodeExecutions({ executionId, pageSize: 2 });
    const second = await harness.executions.listNodeExecutions({
      executionId,
      pageSize: 2,
      pageToken: first.nextPageToken,
    });

    expect(first.nodeExecutions.map(({ position }) => position)).to.deep.equal([1, 2]);
    expect(second.nodeExecutions.map(({ position }) => position)).to.deep.equal([3]);
    expect(second.nextPageToken).to.equal('');
  });

  it('gives the code its config, metadata and place', async () => {
    const strategyId = harness.catalog.addStrategy([
      {
        typescript: `export default (input: string, ctx: any) =>
          [input, ctx.config.suffix, ctx.metadata.tenant, ctx.step.position, ctx.step.attempt, ctx.execution.id.length].join('|');`,
        config: { suffix: '!' },
      },
    ]);

    const { execution } = await harness.executions.runExecution({
      strategyId,
      inputText: 'a',
      metadata: { tenant: 't1' },
    });

    expect(execution?.outputText).to.equal('a|!|t1|1|1|36');
  });

  it('tries a failing node again as often as its policy says and records each attempt', async () => {
    const strategyId = harness.catalog.addStrategy([
      {
        typescript: `export default (input: string, ctx: any) => {
          if (ctx.step.attempt < 3) throw new Error('not yet');
          return input + ctx.step.attempt;
        }`,
        maxAttempts: 3,
      },
      lowercase,
    ]);

    const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'A' });
    const { nodeExecutions } = await harness.executions.listNodeExecutions({
      executionId: execution?.id ?? '',
    });

    expect(execution).to.include({ status: ExecutionStatus.SUCCESS, outputText: 'a3' });
    expect(nodeExecutions.map(({ position, attempt, status }) => [position, attempt, status])).to.deep.equal([
      [1, 1, ExecutionStatus.FAILED],
      [1, 2, ExecutionStatus.FAILED],
      [1, 3, ExecutionStatus.SUCCESS],
      [2, 1, ExecutionStatus.SUCCESS],
    ]);
  });

  it('passes a failure over where the policy says so', async () => {
    const broken = { typescript: `export default () => { throw new Error('broken'); }` };
    const skipping = harness.catalog.addStrategy([{ ...broken, onError: OnError.SKIP }, countWords]);
    const falling = harness.catalog.addStrategy([
      { ...broken, onError: OnError.FALLBACK, fallbackText: 'plan b' },
      countWords,
    ]);

    const [skipped, fallen] = await Promise.all(
      [skipping, falling].map((strategyId) =>
        harness.executions.runExecution({ strategyId, inputText: 'one two three' }),
      ),
    );

    expect(skipped?.execution?.outputText).to.equal('Word count: 3');
    expect(fallen?.execution?.outputText).to.equal('Word count: 2');
  });

  it('goes on after the caller is gone', async () => {
    const strategyId = harness.catalog.addStrategy([
      {
        typescript: `export default (input: string) => new Promise<string>((done) => setTimeout(() => done(input), 400));`,
      },
    ]);
    const requestId = randomUUID();

    const hangUp = await harness.executions
      .runExecution({ strategyId, inputText: 'still here', requestId }, { signal: AbortSignal.timeout(150) })
      .catch((error: unknown) => error);
    const { execution } = await harness.executions.runExecution({
      strategyId,
      inputText: 'still here',
      requestId,
    });

    expect(hangUp).to.be.instanceOf(Error);
    expect(execution).to.include({ status: ExecutionStatus.SUCCESS, outputText: 'still here' });
  });

  it('runs many at once, each with its own result', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase, lowercase]);
    const inputs = Array.from({ length: 200 }, (_, index) => `Text ${index}`);

    const answers = await Promise.all(
      inputs.map((inputText) => harness.executions.runExecution({ strategyId, inputText })),
    );

    expect(answers.map(({ execution }) => execution?.outputText)).to.deep.equal(
      inputs.map((text) => text.toLowerCase()),
    );
  });
});
