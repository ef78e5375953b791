import { expect } from 'chai';
import { ErrorReason } from '@chain-processor/errors';
import type { Node } from './node.js';
import { planOf } from './plan.js';
import type { Position, Strategy } from './strategy.js';

const node: Node = {
  id: 'n',
  name: 'node',
  description: '',
  code: 'export default (i) => i',
  metadata: {},
  tags: [],
  createdById: 'owner',
  isBuiltin: false,
  isActive: true,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 3,
};
const position: Position = {
  id: 'p',
  nodeId: 'n',
  position: 1,
  nodeRevision: undefined,
  config: {},
  policy: undefined,
};
const strategy: Strategy = {
  id: 's',
  name: 'strategy',
  description: '',
  tags: [],
  metadata: {},
  eventDetail: 'lifecycle',
  durability: 'flow',
  createdById: 'owner',
  isActive: true,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 2,
  positions: [position],
};

function planWith(options: { node?: Partial<Node>; position?: Partial<Position>; revision?: number } = {}) {
  const nodes = new Map([['n', { ...node, ...options.node }]]);
  return planOf({ ...strategy, positions: [{ ...position, ...options.position }] }, nodes, options.revision);
}

describe('planOf', () => {
  it('takes the newest revision of a node and fills in every default', () => {
    const [planned] = planWith().positions;

    expect(planned).to.include({ nodeRevision: 3, language: 'typescript' });
    expect(planned?.policy).to.deep.equal({
      timeoutMs: 30_000,
      retry: { maxAttempts: 1, initialBackoffMs: 100, maxBackoffMs: 10_000, multiplier: 2, jitter: 0 },
      onError: 'fail',
      fallbackText: '',
    });
  });

  it('keeps what the policy says and fills in the rest', () => {
    const policy = { timeoutMs: 1, retry: { maxAttempts: 5 }, onError: 'skip', fallbackText: '' } as const;

    const [planned] = planWith({ position: { policy } }).positions;

    expect(planned?.policy).to.deep.include({ timeoutMs: 1, onError: 'skip' });
    expect(planned?.policy.retry).to.include({ maxAttempts: 5, initialBackoffMs: 100, multiplier: 2 });
  });

  it('gives a pinned revision of a builtin, whose code never changes, and no other old one', () => {
    const builtin = { isBuiltin: true, createdById: undefined };

    expect(planWith({ node: builtin, position: { nodeRevision: 1 } }).positions[0]).to.include({
      nodeRevision: 1,
      language: undefined,
    });
    expect(() => planWith({ node: builtin, position: { nodeRevision: 4 } }))
      .to.throw()
      .with.property('reason', ErrorReason.NODE_REVISION_NOT_FOUND);
    expect(() => planWith({ position: { nodeRevision: 1 } }))
      .to.throw()
      .with.property('reason', ErrorReason.NODE_REVISION_NOT_FOUND);
  });
});
