import { expect } from 'chai';
import { Durability } from '@chain-processor/proto/catalog';
import { ExecutionStatus } from '@chain-processor/proto/execution';
import { startEndToEndStack, type EndToEndStack } from './e2e-stack.js';
import { createSlowStrategy } from './slow-chain.js';

describe('the system on data that is there', function () {
  this.timeout(120_000);
  let stack: EndToEndStack;

  before(async () => {
    stack = await startEndToEndStack();
  });
  after(() => stack.stop());

  it('finds its admin, strategies and executions again after everything was stopped', async () => {
    const client = stack.client();
    const strategyId = await createSlowStrategy(client, {
      length: 2,
      stepMs: 1,
      durability: Durability.FLOW,
    });
    const before = await client.run({ strategyId, inputText: 'text' });
    const admin = stack.describe().admin;

    await stack.restartAll();

    const again = stack.client();
    expect(stack.describe().admin).to.deep.equal(admin);
    const { execution: after } = await again.executions.getExecution({ executionId: before.id });
    expect(after).to.deep.include({ ...before, inputText: 'text' });
    const { strategy } = await again.strategies.getStrategy({ strategyId });
    expect(strategy?.nodes).to.have.length(2);
    const second = await again.run({ strategyId, inputText: 'text' });
    expect(second).to.include({ status: ExecutionStatus.SUCCESS, outputText: 'text 1 2' });
  });

  it('finishes what was under way when everything was stopped (E1)', async () => {
    const client = stack.client();
    const strategyId = await createSlowStrategy(client, {
      length: 4,
      stepMs: 500,
      durability: Durability.STEP,
    });
    const { id } = await client.start({ strategyId, inputText: 'text' });
    for await (const { nodeExecution } of client.watch(id)) if (nodeExecution !== undefined) break;

    await stack.restartAll();

    let last: string | undefined;
    for await (const { execution } of stack.client().watch(id)) last = execution?.outputText;
    expect(last).to.equal('text 1 2 3 4');
  });
});
