import { expect } from 'chai';
import { builtinNodes } from '@chain-processor/builtin-nodes';
import { createTestDatabase } from '@chain-processor/testing';
import { ConfigError, createLogger } from '@chain-processor/service-kit';
import { loadCatalogConfig, startCatalog } from '../src/index.js';
import { LOWERCASE_ID, startCatalogFixture, type CatalogFixture } from './support/catalog-fixture.js';

describe('the start of catalog', () => {
  let catalog: CatalogFixture;

  beforeEach(async () => {
    catalog = await startCatalogFixture();
  });

  afterEach(() => catalog.stop());

  const builtinRows = () =>
    catalog.database.query<{ id: string; version: number; is_active: boolean }>(
      'select id, version, is_active from nodes where is_builtin order by id',
    );

  it('makes every builtin node of the release, without an owner', async () => {
    const { node } = await catalog.nodes.getNode({ nodeId: LOWERCASE_ID }, await catalog.as('viewer'));

    expect(await builtinRows()).to.have.length(builtinNodes.length);
    expect(node).to.deep.include({
      name: 'lowercase',
      code: 'lowercase',
      isBuiltin: true,
      createdById: '',
      version: 1,
      metadata: { config_schema: builtinNodes.find(({ key }) => key === 'lowercase')?.configSchema },
    });
  });

  it('changes nothing when replicas start again, also at the same time', async () => {
    const before = await builtinRows();

    await Promise.all([catalog.startReplica(), catalog.startReplica(), catalog.startReplica()]);

    expect(await builtinRows()).to.deep.equal(before);
  });

  it('makes each builtin once when replicas start on an empty table at the same time', async () => {
    await catalog.database.query('delete from nodes');

    await Promise.all([catalog.startReplica(), catalog.startReplica(), catalog.startReplica()]);

    expect((await builtinRows()).map(({ version }) => version)).to.deep.equal(builtinNodes.map(() => 1));
  });

  it('gives a builtin that an older release described otherwise its next version', async () => {
    await catalog.database.query(
      `update nodes set description = 'old', metadata = '{}', is_active = false where id = $1`,
      { bind: [LOWERCASE_ID] },
    );

    await Promise.all([catalog.startReplica(), catalog.startReplica()]);

    const { node } = await catalog.nodes.getNode({ nodeId: LOWERCASE_ID }, await catalog.as('viewer'));
    expect(node).to.include({ version: 2, isActive: false });
    expect(node?.description).not.to.equal('old');
    expect((await builtinRows()).reduce((sum, { version }) => sum + version, 0)).to.equal(
      builtinNodes.length + 1,
    );
  });

  it('refuses a database without the migrations', async () => {
    const empty = await createTestDatabase({ service: 'empty' });
    const config = loadCatalogConfig({ DATABASE_URL: empty.url, IDENTITY_TARGET: 'localhost:1' });

    const outcome = await startCatalog({
      config,
      logger: createLogger({ service: 'catalog', level: 'fatal' }),
    })
      .then(() => 'started')
      .catch((error: unknown) => (error instanceof Error ? error.message : error));
    await empty.drop();

    expect(outcome).to.match(/run the migrations/);
  });

  it('refuses an environment with every fault, and none of the values', () => {
    let faults: readonly string[] = [];

    try {
      loadCatalogConfig({ DATABASE_URL: 'mysql://a:hunter2@b/c', DATABASE_POOL_MAX: '0' });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults = error.faults;
    }

    expect(faults.map((fault) => fault.split(':')[0])).to.have.members([
      'DATABASE_URL',
      'DATABASE_POOL_MAX',
      'IDENTITY_TARGET',
    ]);
    expect(faults.join()).not.to.include('hunter2');
  });
});
