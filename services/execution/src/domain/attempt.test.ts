import { expect } from 'chai';
import { ErrorReason } from '@chain-processor/errors';
import { nextStep, type Attempt, type NodeOutcome } from './attempt.js';
import type { PlanNode } from './plan.js';

const node: PlanNode = {
  position: 2,
  nodeId: '0198c5f0-0000-7000-8000-000000000001',
  nodeRevision: 1,
  nodeName: 'shout',
  source: { kind: 'builtin', key: 'lowercase' },
  config: {},
  timeoutMs: 1_000,
  retry: { maxAttempts: 2, initialBackoffMs: 100, maxBackoffMs: 100, multiplier: 1, jitter: 0 },
  onError: { kind: 'fail' },
};
const thrown: NodeOutcome = {
  kind: 'failure',
  reason: ErrorReason.NODE_THREW,
  message: 'no vowels',
  isTerminal: false,
  durationMs: 3,
};

function attempt(changes: Partial<Attempt>): Attempt {
  return { node, number: 1, inputText: 'in', completedAt: new Date(0), outcome: thrown, ...changes };
}

describe('nextStep', () => {
  it('goes on with the output of a success', () => {
    const outcome: NodeOutcome = { kind: 'success', outputText: 'out', durationMs: 1 };

    expect(nextStep(attempt({ outcome }), 0)).to.deep.equal({ kind: 'next_position', inputText: 'out' });
  });

  it('tries again while attempts are left', () => {
    expect(nextStep(attempt({ number: 1 }), 0)).to.deep.equal({ kind: 'retry', delayMs: 100 });
  });

  it('fails with the position and the name of the node after the last attempt', () => {
    expect(nextStep(attempt({ number: 2 }), 0)).to.deep.equal({
      kind: 'fail',
      failure: { reason: ErrorReason.NODE_THREW, message: 'position 2 (shout): no vowels', position: 2 },
    });
  });

  it('does not try again what the node calls final', () => {
    const final = attempt({ outcome: { ...thrown, isTerminal: true } });

    expect(nextStep(final, 0)).to.have.property('kind', 'fail');
  });

  it('passes the input on where the policy says skip', () => {
    const skipping = attempt({ number: 2, node: { ...node, onError: { kind: 'skip' } } });

    expect(nextStep(skipping, 0)).to.deep.equal({ kind: 'next_position', inputText: 'in' });
  });

  it('goes on with the fallback text where the policy has one', () => {
    const falling = attempt({ number: 2, node: { ...node, onError: { kind: 'fallback', text: 'plan B' } } });

    expect(nextStep(falling, 0)).to.deep.equal({ kind: 'next_position', inputText: 'plan B' });
  });
});
