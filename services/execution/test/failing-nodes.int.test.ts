import { expect } from 'chai';
import { ExecutionStatus } from '@chain-processor/proto/execution';
import { startHarness, type Harness } from './support/harness.js';
import { lowercase } from './support/nodes.js';

const cases = [
  {
    title: 'throws',
    code: `export default () => {\n  throw new Error('no vowels in this text');\n}`,
    reason: 'NODE_THREW',
    message: /no vowels in this text/,
  },
  {
    title: 'loops for ever',
    code: `export default () => {\n  for (;;) {}\n}`,
    timeoutMs: 300,
    reason: 'NODE_TIMEOUT',
    message: /300 ms/,
  },
  {
    title: 'never resolves',
    code: `export default () => new Promise(() => {});`,
    timeoutMs: 300,
    reason: 'NODE_TIMEOUT',
    message: /300 ms/,
  },
  {
    title: 'answers with a number',
    code: `export default () => 42;`,
    reason: 'NODE_BAD_OUTPUT',
    message: /number/,
  },
  {
    title: 'answers with a text that holds NUL',
    code: `export default () => 'a\\0b';`,
    reason: 'NODE_BAD_OUTPUT',
    message: /U\+0000|NUL/,
  },
  {
    title: 'answers with a lone surrogate',
    code: `export default () => 'a\\ud800b';`,
    reason: 'NODE_BAD_OUTPUT',
    message: /surrogate/,
  },
  {
    title: 'answers with 2 MB',
    code: `export default () => 'x'.repeat(2_000_000);`,
    reason: 'NODE_OUTPUT_TOO_LARGE',
    message: /1048576|1,048,576|1 MiB/,
  },
];

describe('a node that', () => {
  let harness: Harness;
  before(async () => (harness = await startHarness()));
  after(() => harness.stop());

  for (const { title, code, timeoutMs, reason, message } of cases) {
    it(`${title} fails its execution with ${reason} and leaves nothing half written`, async () => {
      const failing = {
        name: 'culprit',
        typescript: code,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      };
      const strategyId = harness.catalog.addStrategy([lowercase, failing, lowercase]);

      const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'Some Text' });
      const { nodeExecutions } = await harness.executions.listNodeExecutions({
        executionId: execution?.id ?? '',
      });

      expect(execution?.status).to.equal(ExecutionStatus.FAILED);
      expect(execution?.error).to.include({ reason, position: 2 });
      expect(execution?.error?.message)
        .to.match(/^position 2 \(culprit\): /)
        .and.match(message);
      expect(nodeExecutions.map(({ position, status }) => [position, status])).to.deep.equal([
        [1, ExecutionStatus.SUCCESS],
        [2, ExecutionStatus.FAILED],
      ]);
    });
  }

  it('fails does not disturb the next execution', async () => {
    const strategyId = harness.catalog.addStrategy([lowercase]);

    const { execution } = await harness.executions.runExecution({ strategyId, inputText: 'FINE' });

    expect(execution?.outputText).to.equal('fine');
  });
});
