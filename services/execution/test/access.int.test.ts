import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { failureOf } from '@chain-processor/testing';
import { startHarness, type ExecutionClient, type Harness } from './support/harness.js';
import { lowercase } from './support/nodes.js';

describe('access to the execution service', () => {
  let harness: Harness;
  let strategyId: string;
  before(async () => {
    harness = await startHarness();
    strategyId = harness.catalog.addStrategy([lowercase]);
  });
  after(() => harness.stop());

  const start = (client: ExecutionClient) => failureOf(client.startExecution({ strategyId, inputText: 'a' }));

  it('needs a token, and says which fault the token has', async () => {
    const { identity } = harness;
    const refusals = [
      [undefined, 'TOKEN_MISSING'],
      ['not-a-token', 'TOKEN_MALFORMED'],
      [await identity.token({ roles: ['editor'], expiresInS: -60 }), 'TOKEN_EXPIRED'],
      [await identity.token({ roles: ['editor'], signature: 'other-key' }), 'TOKEN_INVALID'],
      [await identity.token({ roles: ['editor'], signature: 'none' }), 'TOKEN_INVALID'],
      [await identity.token({ roles: ['editor'], signature: 'hs256' }), 'TOKEN_INVALID'],
      [await identity.token({ roles: ['editor'], audience: 'elsewhere' }), 'TOKEN_INVALID'],
      [await identity.token({ roles: ['editor'], type: 'JWT' }), 'TOKEN_INVALID'],
    ] as const;

    for (const [token, reason] of refusals) {
      const failure = await start(harness.clientWith(token));
      expect(failure, reason).to.include({ code: 'UNAUTHENTICATED', reason });
    }
  });

  it('lets viewers read and not start', async () => {
    const viewer = harness.clientWith(await harness.identity.token({ roles: ['viewer'] }));

    const starting = await start(viewer);
    const reading = await failureOf(viewer.getExecution({ executionId: randomUUID() }));

    expect(starting).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
    expect(reading).to.include({ code: 'NOT_FOUND', reason: 'EXECUTION_NOT_FOUND' });
  });

  it('shows nothing to a token without roles', async () => {
    const nobody = harness.clientWith(await harness.identity.token({ roles: [] }));

    const failure = await failureOf(nobody.getExecution({ executionId: randomUUID() }));

    expect(failure).to.include({ code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' });
  });

  it('lets a superuser do everything', async () => {
    const superuser = harness.clientWith(await harness.identity.token({ isSuperuser: true }));

    const { execution } = await superuser.runExecution({ strategyId, inputText: 'A' });

    expect(execution?.outputText).to.equal('a');
  });

  it('answers UNIMPLEMENTED, with a reason, where the release has no such method yet', async () => {
    const failure = await failureOf(harness.executions.cancelExecution({ executionId: randomUUID() }));

    expect(failure).to.include({ code: 'UNIMPLEMENTED', reason: 'METHOD_NOT_IMPLEMENTED' });
  });
});
