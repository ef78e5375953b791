import { expect } from 'chai';
import { backoffMs } from './retry-policy.js';

const policy = { maxAttempts: 4, initialBackoffMs: 100, maxBackoffMs: 300, multiplier: 2, jitter: 0 };

describe('backoffMs', () => {
  it('grows by the multiplier up to the maximum', () => {
    const waits = [1, 2, 3].map((attempt) => backoffMs(policy, { attempt, isFinal: false }, 0));

    expect(waits).to.deep.equal([100, 200, 300]);
  });

  it('ends after the last attempt', () => {
    expect(backoffMs(policy, { attempt: 4, isFinal: false }, 0)).to.equal(undefined);
  });

  it('ends at once when the node says that the error is final', () => {
    expect(backoffMs(policy, { attempt: 1, isFinal: true }, 0)).to.equal(undefined);
  });

  it('takes the random share off the wait', () => {
    const jittered = { ...policy, jitter: 0.5 };

    expect(backoffMs(jittered, { attempt: 1, isFinal: false }, 0)).to.equal(100);
    expect(backoffMs(jittered, { attempt: 1, isFinal: false }, 0.999_999)).to.equal(50);
  });
});
