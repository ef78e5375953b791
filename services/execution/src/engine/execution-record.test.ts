import { expect } from 'chai';
import { ErrorReason } from '@chain-processor/errors';
import type { Attempt, NodeOutcome } from '../domain/attempt.js';
import type { Claim } from '../domain/claim.js';
import type { Plan, PlanNode } from '../domain/plan.js';
import type { Settlement } from '../domain/settlement.js';
import { ClaimLostError, ExecutionRecord } from './execution-record.js';

const node: PlanNode = {
  position: 1,
  nodeId: 'node-1',
  nodeRevision: 1,
  nodeName: 'shout',
  source: { kind: 'builtin', key: 'lowercase' },
  config: {},
  timeoutMs: 1_000,
  retry: { maxAttempts: 2, initialBackoffMs: 1, maxBackoffMs: 1, multiplier: 1, jitter: 0 },
  onError: { kind: 'fail' },
};
const plan: Plan = {
  strategyId: 'strategy-1',
  strategyRevision: 1,
  hasStepEvents: true,
  commitsEachStep: true,
  nodes: [node],
};
const claim: Claim = {
  executionId: 'execution-1',
  strategyId: 'strategy-1',
  strategyRevision: 1,
  planDigest: Buffer.alloc(32),
  inputText: 'in',
  metadata: {},
  createdById: 'user-1',
  startedAt: new Date(0),
  version: 2,
  eventSequence: 2,
  recorded: [],
  reachedText: 'in',
};
const failure: NodeOutcome = {
  kind: 'failure',
  reason: ErrorReason.NODE_THREW,
  message: 'no',
  isTerminal: false,
  durationMs: 1,
};

function attempt(number: number, outcome: NodeOutcome = failure): Attempt {
  return { node, number, inputText: 'in', completedAt: new Date(1_000), outcome };
}

function recordWith(isHeld: (settlement: Settlement) => boolean = () => true) {
  const settlements: Settlement[] = [];
  let ids = 0;
  const record = new ExecutionRecord({
    claim,
    plan,
    settle: async (settlement) => {
      settlements.push(settlement);
      return isHeld(settlement);
    },
    newId: () => `id-${(ids += 1)}`,
    now: () => new Date(2_000),
  });
  return { record, settlements };
}

describe('ExecutionRecord', () => {
  it('commits a failure that ends the chain together with the end, never before', async () => {
    const { record, settlements } = recordWith();
    record.add(attempt(1));
    record.add(attempt(2));

    await record.commit();
    await record.end({
      status: 'failed',
      failure: { reason: ErrorReason.NODE_THREW, message: 'no', position: 1 },
    });

    expect(
      settlements.map(({ steps, end }) => [steps.map((step) => step.attempt), end?.result.status]),
    ).to.deep.equal([
      [[1], undefined],
      [[2], 'failed'],
    ]);
  });

  it('numbers events on from the claim without gaps (E5)', async () => {
    const { record, settlements } = recordWith();
    record.add(attempt(1));
    await record.commit();
    record.add(attempt(2, { kind: 'success', outputText: 'out', durationMs: 1 }));
    await record.end({ status: 'success', outputText: 'out' });

    const events = settlements.flatMap((settlement) => settlement.events);
    expect(events.map(({ kind, sequence }) => `${sequence} ${kind}`)).to.deep.equal([
      '3 node_failed',
      '4 node_succeeded',
      '5 succeeded',
    ]);
  });

  it('writes nothing more once the claim is lost (E3)', async () => {
    const { record, settlements } = recordWith(() => false);
    record.add(attempt(1));

    const first: unknown = await record.commit().catch((error: unknown) => error);
    const second: unknown = await record
      .end({ status: 'success', outputText: 'out' })
      .catch((error: unknown) => error);

    expect(first).to.be.instanceOf(ClaimLostError);
    expect(second).to.be.instanceOf(ClaimLostError);
    expect(settlements).to.have.length(1);
  });

  it('commits nothing when there is nothing', async () => {
    const { record, settlements } = recordWith();

    await record.commit();

    expect(settlements).to.deep.equal([]);
  });
});
