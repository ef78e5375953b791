import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { ListNodesRequest } from '@chain-processor/proto/catalog';
import { failureOf, rawCall, withToken } from '@chain-processor/testing';
import { LOWERCASE_ID, startCatalogFixture, type CatalogFixture } from './support/catalog-fixture.js';

describe('reading nodes', () => {
  let catalog: CatalogFixture;
  let viewer: ReturnType<typeof withToken>;

  before(async () => {
    catalog = await startCatalogFixture();
    viewer = await catalog.as('viewer');
  });

  after(() => catalog.stop());

  const list = (request: Partial<ListNodesRequest> = {}) =>
    catalog.nodes.listNodes(ListNodesRequest.fromPartial(request), viewer);
  const names = async (request: Partial<ListNodesRequest>) =>
    (await list(request)).nodes.map(({ name }) => name).sort();

  it('tells an unknown id from one that is none', async () => {
    const unknown = await failureOf(catalog.nodes.getNode({ nodeId: randomUUID() }, viewer));

    expect(unknown).to.include({ code: 'NOT_FOUND', reason: 'NODE_NOT_FOUND' });
    for (const nodeId of ['', 'x', `${randomUUID()}0`, "' or 1=1 --"]) {
      const failure = await failureOf(catalog.nodes.getNode({ nodeId }, viewer));

      expect(failure, nodeId).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
      expect(failure.fields).to.deep.equal(['node_id']);
    }
  });

  it('refuses NUL and broken UTF-8 in an id', async () => {
    const token = await catalog.identity.token({ roles: ['viewer'] });
    const methodPath = '/chainprocessor.catalog.v1.NodeService/GetNode';
    const call = (hex: string) =>
      failureOf(rawCall({ target: catalog.address, methodPath, request: Buffer.from(hex, 'hex'), token }));

    expect(await call('0a0100')).to.include({ reason: 'FIELD_INVALID' });
    expect(await call('0a03eda080')).to.include({ reason: 'REQUEST_MALFORMED' });
    expect(await call('0aff')).to.include({ reason: 'REQUEST_MALFORMED' });
  });

  it('finds a node whatever the case of its id', async () => {
    const { node } = await catalog.nodes.getNode({ nodeId: LOWERCASE_ID.toUpperCase() }, viewer);

    expect(node).to.include({ id: LOWERCASE_ID, code: 'lowercase' });
  });

  it('lists newest first, without code, and says where each stands', async () => {
    const older = await catalog.createNode({ name: 'older' });
    const newer = await catalog.createNode({ name: 'newer' });

    const { nodes } = await list();

    const ids = nodes.map(({ id }) => id);
    expect(ids.indexOf(newer)).to.be.lessThan(ids.indexOf(older));
    expect(nodes.every(({ code }) => code === '')).to.equal(true);
  });

  it('goes through all pages once, also where creation times tie', async () => {
    for (let index = 0; index < 7; index++) await catalog.createNode({ name: `tie ${index}`, tags: ['tie'] });
    await catalog.database.query(
      "update nodes set created_at = '2026-01-01T00:00:00.123456Z' where 'tie' = any (tags)",
    );
    const seen: string[] = [];
    const sizes: number[] = [];
    let pageToken = '';

    do {
      const page = await list({ tagsAny: ['tie'], pageSize: 3, pageToken });
      sizes.push(page.nodes.length);
      seen.push(...page.nodes.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');

    expect(sizes).to.deep.equal([3, 3, 1]);
    expect([...seen].sort()).to.deep.equal(Array.from({ length: 7 }, (_, index) => `tie ${index}`));
  });

  it('ends a list whose last page is full without a token', async () => {
    for (let index = 0; index < 2; index++) await catalog.createNode({ tags: ['full'] });

    const page = await list({ tagsAny: ['full'], pageSize: 2 });

    expect(page.nodes).to.have.length(2);
    expect(page.nextPageToken).to.equal('');
  });

  it('lets a page be bounded and refuses a negative size', async () => {
    for (let index = 0; index < 105; index++) await catalog.createNode({ tags: ['many'] });

    expect((await list({ tagsAny: ['many'] })).nodes).to.have.length(50);
    expect((await list({ tagsAny: ['many'], pageSize: 5_000 })).nodes).to.have.length(100);
    expect((await failureOf(list({ pageSize: -1 }))).fields).to.deep.equal(['page_size']);
  });

  it('refuses a token of a list with other filters, of another method, or made up', async () => {
    const { nextPageToken } = await list({ pageSize: 1 });
    expect(nextPageToken).to.match(/^[\w-]+$/);

    const refusals = [
      await failureOf(list({ pageToken: nextPageToken, namePrefix: 'x' })),
      await failureOf(list({ pageToken: nextPageToken, isActive: true })),
      await failureOf(catalog.strategies.listStrategies({ pageToken: nextPageToken }, viewer)),
      await failureOf(list({ pageToken: 'made up' })),
      await failureOf(list({ pageToken: nextPageToken.slice(1) })),
      await failureOf(list({ pageToken: 'x\0' })),
    ];

    for (const failure of refusals) {
      expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' });
    }
    expect((await list({ pageToken: nextPageToken, pageSize: 7 })).nodes).to.have.length(7);
  });

  it('narrows by every filter', async () => {
    const subject = randomUUID();
    const own = withToken(await catalog.identity.token({ roles: ['editor'], subject }));
    const make = (name: string, tags: string[], metadata: Record<string, unknown>) =>
      catalog.nodes.createNode(
        { node: { name, code: 'export default (i: string) => i', tags, metadata } },
        own,
      );
    await make('Filter_a', ['x', 'y'], { team: { name: 'red', size: 3 } });
    await make('filter%b', ['y'], { team: { name: 'blue' } });
    const { node } = await make('other', ['x'], {});
    await catalog.database.query('update nodes set is_active = false where id = $1', { bind: [node?.id] });

    expect(await names({ createdById: subject })).to.deep.equal(['Filter_a', 'filter%b', 'other']);
    expect(await names({ createdById: subject, namePrefix: 'FILTER' })).to.deep.equal([
      'Filter_a',
      'filter%b',
    ]);
    expect(await names({ createdById: subject, namePrefix: 'filter%' })).to.deep.equal(['filter%b']);
    expect(await names({ createdById: subject, tagsAny: ['x', 'z'] })).to.deep.equal(['Filter_a', 'other']);
    expect(await names({ createdById: subject, tagsAll: ['x', 'y'] })).to.deep.equal(['Filter_a']);
    expect(await names({ createdById: subject, isActive: false })).to.deep.equal(['other']);
    expect(await names({ createdById: subject, isBuiltin: true })).to.deep.equal([]);
    expect(await names({ isBuiltin: true })).to.deep.equal(['lowercase', 'replace_text']);
    expect(await names({ createdById: subject, metadataContains: { team: { name: 'red' } } })).to.deep.equal([
      'Filter_a',
    ]);
  });

  it('refuses filters that are malformed', async () => {
    const failure = await failureOf(
      list({
        namePrefix: 'a\0',
        tagsAny: [''],
        createdById: 'x',
        metadataContains: { a: Number.POSITIVE_INFINITY },
      }),
    );

    expect(failure.fields).to.deep.equal([
      'created_by_id',
      'metadata_contains',
      'name_prefix',
      'tags_any[0]',
    ]);
  });
});
