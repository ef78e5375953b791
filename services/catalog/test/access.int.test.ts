import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createChannel, createClientFactory } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { NodeServiceDefinition } from '@chain-processor/proto/catalog';
import { failureOf, withToken, type FakeTokenOptions } from '@chain-processor/testing';
import {
  LOWERCASE_ID,
  createNodeRequest,
  createStrategyRequest,
  startCatalogFixture,
  type CatalogFixture,
} from './support/catalog-fixture.js';

describe('access to catalog', () => {
  let catalog: CatalogFixture;

  before(async () => {
    catalog = await startCatalogFixture();
  });

  after(() => catalog.stop());

  const readWith = async (options: FakeTokenOptions) =>
    catalog.nodes.getNode({ nodeId: LOWERCASE_ID }, withToken(await catalog.identity.token(options)));

  it('lets every role read, and nobody without one', async () => {
    for (const role of ['viewer', 'editor', 'admin'] as const) {
      expect((await readWith({ roles: [role] })).node?.id).to.equal(LOWERCASE_ID);
    }
    expect((await readWith({ isSuperuser: true })).node?.id).to.equal(LOWERCASE_ID);
    expect(await failureOf(readWith({}))).to.include({ code: 'PERMISSION_DENIED' });
  });

  it('lets editors, admins and superusers create, and denies viewers', async () => {
    for (const options of [{ roles: ['editor'] }, { roles: ['admin'] }, { isSuperuser: true }] as const) {
      const token = withToken(await catalog.identity.token(options));

      expect((await catalog.nodes.createNode(createNodeRequest(), token)).node?.version).to.equal(1);
      expect(
        (await catalog.strategies.createStrategy(createStrategyRequest(), token)).strategy?.version,
      ).to.equal(1);
    }
    const viewer = await catalog.as('viewer');
    const denied = [
      await failureOf(catalog.nodes.createNode(createNodeRequest(), viewer)),
      await failureOf(catalog.strategies.createStrategy(createStrategyRequest(), viewer)),
    ];
    for (const failure of denied) {
      expect(failure).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
    }
  });

  it('denies before it looks, so that a denied caller learns nothing', async () => {
    const viewer = await catalog.as('viewer');

    const failure = await failureOf(catalog.nodes.createNode({}, viewer));

    expect(failure).to.include({ reason: 'PERMISSION_DENIED' });
  });

  it('believes no token that identity did not sign for this installation', async () => {
    const roles = ['admin'] as const;
    const refusals: [string, FakeTokenOptions][] = [
      ['TOKEN_EXPIRED', { roles, expiresInS: -60 }],
      ['TOKEN_INVALID', { roles, audience: 'another-installation' }],
      ['TOKEN_INVALID', { roles, issuer: 'another-identity' }],
      ['TOKEN_INVALID', { roles, type: 'JWT' }],
      ['TOKEN_INVALID', { roles, signature: 'other-key' }],
      ['TOKEN_INVALID', { roles, signature: 'unknown-kid' }],
      ['TOKEN_INVALID', { roles, signature: 'hs256' }],
      ['TOKEN_INVALID', { roles, signature: 'none' }],
      ['TOKEN_INVALID', { roles, subject: 'not a uuid' }],
    ];

    for (const [reason, options] of refusals) {
      expect(await failureOf(readWith(options)), JSON.stringify(options)).to.include({
        code: 'UNAUTHENTICATED',
        reason,
      });
    }
  });

  it('refuses calls without a token or with something else', async () => {
    const nodeId = LOWERCASE_ID;

    expect(await failureOf(catalog.nodes.getNode({ nodeId }))).to.include({ reason: 'TOKEN_MISSING' });
    expect(await failureOf(catalog.nodes.getNode({ nodeId }, withToken('x')))).to.include({
      reason: 'TOKEN_MALFORMED',
    });
  });

  it('keeps the access rules of methods that are not there yet', async () => {
    const nodeId = randomUUID();

    expect(await failureOf(catalog.nodes.deleteNode({ nodeId }, await catalog.as('viewer')))).to.include({
      code: 'PERMISSION_DENIED',
    });
    expect(await failureOf(catalog.nodes.deleteNode({ nodeId }, await catalog.as('editor')))).to.include({
      code: 'UNIMPLEMENTED',
      reason: 'METHOD_NOT_IMPLEMENTED',
    });
    expect(
      await failureOf(catalog.strategies.exportStrategy({ strategyId: nodeId }, await catalog.as('viewer'))),
    ).to.include({ code: 'UNIMPLEMENTED' });
  });

  it('goes on verifying tokens while identity is down, and says so where it never had a key', async () => {
    const own = await startCatalogFixture();
    try {
      const viewer = await own.as('viewer');
      await own.nodes.getNode({ nodeId: LOWERCASE_ID }, viewer);
      await own.identity.stop();

      expect((await own.nodes.getNode({ nodeId: LOWERCASE_ID }, viewer)).node?.id).to.equal(LOWERCASE_ID);

      const fresh = await own.startReplica();
      const channel = createChannel(`127.0.0.1:${fresh.port}`);
      const nodes = createClientFactory()
        .use(errorDetailsClientMiddleware)
        .create(NodeServiceDefinition, channel);
      const failure = await failureOf(nodes.getNode({ nodeId: LOWERCASE_ID }, viewer));
      channel.close();

      expect(failure).to.include({ code: 'UNAVAILABLE', reason: 'DEPENDENCY_UNAVAILABLE' });
      expect(failure.metadata).to.include({ dependency: 'identity' });
    } finally {
      await own.stop();
    }
  });
});
