import { expect } from 'chai';
import type { ChainProcessorClient } from '@chain-processor/client';
import { recordEvents, type EventRecorder } from '@chain-processor/launcher';
import { Durability } from '@chain-processor/proto/catalog';
import { ExecutionStatus, type NodeExecution } from '@chain-processor/proto/execution';
import { startEndToEndStack, type EndToEndStack } from './e2e-stack.js';
import { createSlowStrategy } from './slow-chain.js';

const STEPS = 5;

describe('an execution whose worker is killed', function () {
  this.timeout(120_000);
  let stack: EndToEndStack;
  let client: ChainProcessorClient;
  let events: EventRecorder;

  before(async () => {
    stack = await startEndToEndStack({ WORKER_LEASE_MS: '1000' });
    client = stack.client();
    events = await recordEvents({ nats: stack.describe().nats, onProblem: () => undefined });
  });

  after(async () => {
    await events.close();
    await stack.stop();
  });

  for (const durability of [Durability.STEP, Durability.FLOW]) {
    describe(`with durability ${durability}`, () => {
      let executionId: string;
      let sequences: number[];
      let steps: NodeExecution[];

      before(async () => {
        const strategyId = await createSlowStrategy(client, { length: STEPS, stepMs: 400, durability });
        ({ id: executionId } = await client.start({ strategyId, inputText: 'text' }));
        sequences = [];
        // The watch goes on by itself across the crash.
        for await (const { sequence, nodeExecution } of client.watch(executionId)) {
          sequences.push(sequence);
          if (nodeExecution?.position !== 2) continue;
          await stack.current().crash('execution');
          await stack.current().restart('execution');
        }
        ({ nodeExecutions: steps } = await client.executions.listNodeExecutions({
          executionId,
          includeTexts: true,
        }));
      });

      it('ends with success, since it was accepted (E1, E2)', async () => {
        const { execution } = await client.executions.getExecution({ executionId });

        expect(execution).to.include({ status: ExecutionStatus.SUCCESS, outputText: 'text 1 2 3 4 5' });
      });

      it('has exactly one success at each position, each fed with the output before it (E4)', () => {
        const successes = steps.filter(({ status }) => status === ExecutionStatus.SUCCESS);

        expect(successes.map(({ position }) => position)).to.deep.equal([1, 2, 3, 4, 5]);
        expect(successes.map(({ inputText }) => inputText)).to.deep.equal([
          'text',
          ...successes.slice(0, -1).map(({ outputText }) => outputText),
        ]);
      });

      it('shows a watcher every message once and in order', () => {
        expect(sequences).to.deep.equal(Array.from({ length: STEPS + 3 }, (_, index) => index + 1));
      });

      it('announces every transition once, numbered without gaps (E5)', async () => {
        const received = await events.eventsOf(executionId, 30_000);
        const names = received.map(({ subject }) => subject.split('.')[3]);

        expect(received.map(({ sequence }) => sequence)).to.deep.equal(
          Array.from({ length: STEPS + 3 }, (_, index) => index + 1),
        );
        expect(names).to.deep.equal([
          'queued',
          'started',
          ...Array.from({ length: STEPS }, () => 'node_succeeded'),
          'succeeded',
        ]);
      });
    });
  }
});
