import { expect } from 'chai';
import { DependencyUnavailableError } from '@chain-processor/errors';
import { createGroupCommit } from './group-commit.js';

function recorder(fault: (items: readonly number[]) => Error | undefined = () => undefined) {
  const groups: (readonly number[])[] = [];
  const groupCommit = createGroupCommit<number, string>({
    commit: async (items) => {
      groups.push(items);
      const error = fault(items);
      if (error !== undefined) throw error;
      return items.map((item) => `done ${item}`);
    },
    maxItems: 4,
  });
  return { groups, groupCommit };
}

describe('createGroupCommit', () => {
  it('commits together what is submitted together, in order', async () => {
    const { groups, groupCommit } = recorder();

    const results = await Promise.all([1, 2, 3].map((item) => groupCommit.submit(item)));

    expect(results).to.deep.equal(['done 1', 'done 2', 'done 3']);
    expect(groups).to.deep.equal([[1, 2, 3]]);
  });

  it('bounds a group', async () => {
    const { groups, groupCommit } = recorder();

    await Promise.all([1, 2, 3, 4, 5, 6].map((item) => groupCommit.submit(item)));

    expect(groups).to.deep.equal([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  it('bounds the bytes of a group, and takes an item that is larger alone', async () => {
    const groups: (readonly number[])[] = [];
    const groupCommit = createGroupCommit<number, number>({
      commit: async (items) => {
        groups.push(items);
        return items;
      },
      maxItems: 100,
      bytesOf: (item) => item,
      maxBytes: 10,
    });

    await Promise.all([6, 4, 1, 50, 2].map((item) => groupCommit.submit(item)));

    expect(groups).to.deep.equal([[6, 4], [1], [50], [2]]);
  });

  it('gathers the next group while one is in flight', async () => {
    const groups: (readonly number[])[] = [];
    let finishFirst: () => void = () => undefined;
    const firstIsHeld = new Promise<void>((resolve) => (finishFirst = resolve));
    const groupCommit = createGroupCommit<number, number>({
      commit: async (items) => {
        groups.push(items);
        if (groups.length === 1) await firstIsHeld;
        return items;
      },
      maxItems: 100,
    });

    const first = groupCommit.submit(1);
    while (groups.length === 0) await new Promise(setImmediate);
    const others = [2, 3, 4].map((item) => groupCommit.submit(item));
    finishFirst();
    await Promise.all([first, ...others]);

    expect(groups).to.deep.equal([[1], [2, 3, 4]]);
  });

  it('finds the culprit and commits its neighbours (E8)', async () => {
    const { groupCommit } = recorder((items) => (items.includes(3) ? new Error('bad row') : undefined));

    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => groupCommit.submit(item)));

    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  it('does not halve a group whose failure is shared', async () => {
    const { groups, groupCommit } = recorder(() => new DependencyUnavailableError('database'));

    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => groupCommit.submit(item)));

    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(groups).to.have.length(1);
  });
});
