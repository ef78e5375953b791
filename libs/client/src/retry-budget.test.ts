import { expect } from 'chai';
import { createRetryBudget } from './retry-budget.js';

describe('the retry budget', () => {
  it('allows retries until half of it is used up', () => {
    const budget = createRetryBudget({ maxTokens: 4 });

    expect([budget.failed(), budget.failed(), budget.failed()]).to.deep.equal([true, false, false]);
  });

  it('comes back with successes, ten for each retry', () => {
    const budget = createRetryBudget({ maxTokens: 4 });
    budget.failed();
    budget.failed();

    for (let count = 0; count < 11; count += 1) budget.succeeded();

    expect(budget.failed()).to.equal(true);
    expect(budget.failed()).to.equal(false);
  });
});
