import { createHash, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { canonicalJson } from '@chain-processor/canonical-json';
import { Durability, EventDetail, OnError, Plan } from '@chain-processor/proto/catalog';
import { failureOf, type withToken } from '@chain-processor/testing';
import {
  GOOD_CODE,
  LOWERCASE_ID,
  REPLACE_TEXT_ID,
  startCatalogFixture,
  type CatalogFixture,
} from './support/catalog-fixture.js';

describe('ResolveStrategy', () => {
  let catalog: CatalogFixture;
  let viewer: ReturnType<typeof withToken>;

  before(async () => {
    catalog = await startCatalogFixture();
    viewer = await catalog.as('viewer');
  });

  after(() => catalog.stop());

  const resolve = (strategyId: string, revision?: number) =>
    catalog.strategies.resolveStrategy(
      revision === undefined ? { strategyId } : { strategyId, revision },
      viewer,
    );

  it('gives all that is needed to run the strategy', async () => {
    const nodeId = await catalog.createNode({
      name: 'own',
      metadata: { language: 'javascript' },
      code: 'export default (i) => i;',
    });
    const { node } = await catalog.nodes.getNode({ nodeId }, viewer);
    const strategyId = await catalog.createStrategy({
      nodes: [
        { nodeId: REPLACE_TEXT_ID, config: { search: 'a' } },
        {
          nodeId,
          policy: { timeout: { nanos: 1_000_000 }, onError: OnError.SKIP, retry: { maxAttempts: 2 } },
        },
      ],
    });

    const { plan } = await resolve(strategyId);

    const defaults = {
      initialBackoff: { seconds: 0n, nanos: 100_000_000 },
      maxBackoff: { seconds: 10n, nanos: 0 },
      multiplier: 2,
      jitter: 0,
    };
    expect(plan).to.deep.equal({
      strategyId,
      strategyRevision: 1,
      eventDetail: EventDetail.LIFECYCLE,
      durability: Durability.FLOW,
      nodes: [
        {
          position: 1,
          nodeId: REPLACE_TEXT_ID,
          nodeRevision: 1,
          nodeName: 'replace_text',
          ownerId: '',
          isBuiltin: true,
          language: '',
          code: 'replace_text',
          config: { search: 'a' },
          policy: {
            timeout: { seconds: 30n, nanos: 0 },
            retry: { ...defaults, maxAttempts: 1 },
            onError: OnError.FAIL,
            fallbackText: '',
          },
        },
        {
          position: 2,
          nodeId,
          nodeRevision: 1,
          nodeName: 'own',
          ownerId: node?.createdById,
          isBuiltin: false,
          language: 'javascript',
          code: 'export default (i) => i;',
          config: undefined,
          policy: {
            timeout: { seconds: 0n, nanos: 1_000_000 },
            retry: { ...defaults, maxAttempts: 2 },
            onError: OnError.SKIP,
            fallbackText: '',
          },
        },
      ],
    });
  });

  it('gives a digest that anybody can compute from the plan that came over the wire', async () => {
    const nodeId = await catalog.createNode({ code: `${GOOD_CODE}// é 👍 "quoted" \\ \u2028\n` });
    const strategyId = await catalog.createStrategy({
      nodes: [
        {
          nodeId,
          config: { é: [1.5, 1e21, 1e-7, 0, -0, true, null, {}], a: { z: 1, Z: 2, '10': 3, '9': 4 } },
        },
        {
          nodeId: LOWERCASE_ID,
          policy: { retry: { jitter: 0.1, multiplier: 1.5 }, timeout: { seconds: 1n } },
        },
      ],
    });

    const { plan, planDigest } = await resolve(strategyId);

    expect(plan).not.to.equal(undefined);
    const json = plan === undefined ? '' : canonicalJson(Plan.toJSON(plan));
    expect(Buffer.from(planDigest).toString('hex')).to.equal(createHash('sha256').update(json).digest('hex'));
  });

  it('gives the same digest every time, from every replica', async () => {
    const strategyId = await catalog.createStrategy({ nodes: [{ nodeId: LOWERCASE_ID }] });
    await catalog.startReplica();

    const digests = [];
    for (let time = 0; time < 3; time++) digests.push((await resolve(strategyId)).planDigest);

    expect(new Set(digests.map((digest) => Buffer.from(digest).toString('hex'))).size).to.equal(1);
    expect(digests[0]).to.have.length(32);
  });

  it('does not let the order of keys in a config change the digest, but its content', async () => {
    const nodeId = await catalog.createNode();
    const digestWith = async (config: Record<string, unknown>) => {
      const strategyId = await catalog.createStrategy({ nodes: [{ nodeId, config }] });
      const { plan } = await resolve(strategyId);
      if (plan === undefined) throw new Error('there is no plan');
      return canonicalJson(Plan.toJSON({ ...plan, strategyId: '' }));
    };

    const one = await digestWith({ b: { y: 1, x: [2, 3] }, a: 'é' });

    expect(await digestWith({ a: 'é', b: { x: [2, 3], y: 1 } })).to.equal(one);
    expect(await digestWith({ a: 'é', b: { x: [3, 2], y: 1 } })).not.to.equal(one);
  });

  it('tells why a strategy cannot be run', async () => {
    const nodeId = await catalog.createNode();
    const inactiveNode = await catalog.createStrategy({ nodes: [{ nodeId: LOWERCASE_ID }, { nodeId }] });
    const empty = await catalog.createStrategy({ nodes: [] });
    const inactive = await catalog.createStrategy({ nodes: [{ nodeId: LOWERCASE_ID }] });
    await catalog.database.query('update nodes set is_active = false where id = $1', { bind: [nodeId] });
    await catalog.database.query('update chain_strategies set is_active = false where id = $1', {
      bind: [inactive],
    });

    const failure = await failureOf(resolve(inactiveNode));

    expect(failure).to.include({ code: 'FAILED_PRECONDITION', reason: 'NODE_INACTIVE' });
    expect(failure.metadata).to.include({ node_id: nodeId, position: '2' });
    expect(await failureOf(resolve(empty))).to.include({
      code: 'FAILED_PRECONDITION',
      reason: 'STRATEGY_EMPTY',
    });
    expect(await failureOf(resolve(inactive))).to.include({
      code: 'FAILED_PRECONDITION',
      reason: 'STRATEGY_INACTIVE',
    });
  });

  it('refuses ids and revisions that do not exist, or are none', async () => {
    const strategyId = await catalog.createStrategy({ nodes: [{ nodeId: LOWERCASE_ID }] });

    expect(await failureOf(resolve(randomUUID()))).to.include({
      code: 'NOT_FOUND',
      reason: 'STRATEGY_NOT_FOUND',
    });
    expect(await failureOf(resolve(strategyId, 2))).to.include({
      code: 'NOT_FOUND',
      reason: 'STRATEGY_REVISION_NOT_FOUND',
    });
    expect((await failureOf(resolve(strategyId, 0))).fields).to.deep.equal(['revision']);
    expect((await failureOf(resolve('x'))).fields).to.deep.equal(['strategy_id']);
    expect((await resolve(strategyId, 1)).plan?.strategyRevision).to.equal(1);
  });
});
