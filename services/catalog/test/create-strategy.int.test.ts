import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import {
  CreateStrategyRequest,
  Durability,
  EventDetail,
  ListStrategiesRequest,
  OnError,
} from '@chain-processor/proto/catalog';
import { failureOf, rawCall, type withToken } from '@chain-processor/testing';
import {
  LOWERCASE_ID,
  REPLACE_TEXT_ID,
  createStrategyRequest,
  startCatalogFixture,
  type CatalogFixture,
} from './support/catalog-fixture.js';

describe('CreateStrategy', () => {
  let catalog: CatalogFixture;
  let editor: ReturnType<typeof withToken>;
  let viewer: ReturnType<typeof withToken>;

  before(async () => {
    catalog = await startCatalogFixture();
    editor = await catalog.as('editor');
    viewer = await catalog.as('viewer');
  });

  after(() => catalog.stop());

  const create = (...request: Parameters<typeof createStrategyRequest>) =>
    catalog.strategies.createStrategy(createStrategyRequest(...request), editor);
  const refusalOf = (...request: Parameters<typeof createStrategyRequest>) => failureOf(create(...request));
  const rowCount = async (table: 'chain_strategies' | 'strategy_nodes') =>
    (await catalog.database.query(`select id from ${table}`)).length;

  it('stores the strategy whole and gives it back the same', async () => {
    const { strategy } = await create({
      name: 'Tidy up',
      description: 'Lowers and replaces.',
      tags: ['text'],
      metadata: { team: 'red' },
      eventDetail: EventDetail.STEPS,
      durability: Durability.STEP,
      nodes: [
        { nodeId: LOWERCASE_ID, position: 1 },
        {
          nodeId: REPLACE_TEXT_ID,
          config: { search: 'a', replacement: '$& 👍' },
          nodeRevision: 1,
          policy: {
            timeout: { seconds: 2n, nanos: 500_000_000 },
            retry: { maxAttempts: 3, initialBackoff: { nanos: 50_000_000 }, jitter: 0.5 },
            onError: OnError.FALLBACK,
            fallbackText: 'nothing',
          },
        },
        { nodeId: LOWERCASE_ID, position: 3 },
      ],
    });
    const read = await catalog.strategies.getStrategy({ strategyId: strategy?.id ?? '' }, viewer);

    expect(strategy).to.include({
      name: 'Tidy up',
      isActive: true,
      version: 1,
      etag: 'v1',
      eventDetail: EventDetail.STEPS,
      durability: Durability.STEP,
    });
    expect(strategy?.nodes.map(({ position, nodeId }) => [position, nodeId])).to.deep.equal([
      [1, LOWERCASE_ID],
      [2, REPLACE_TEXT_ID],
      [3, LOWERCASE_ID],
    ]);
    expect(strategy?.nodes[0]).to.deep.include({ config: {}, policy: undefined });
    expect(strategy?.nodes[1]).to.deep.include({
      config: { search: 'a', replacement: '$& 👍' },
      nodeRevision: 1,
      policy: {
        timeout: { seconds: 2n, nanos: 500_000_000 },
        retry: {
          maxAttempts: 3,
          initialBackoff: { seconds: 0n, nanos: 50_000_000 },
          maxBackoff: undefined,
          multiplier: 0,
          jitter: 0.5,
        },
        onError: OnError.FALLBACK,
        fallbackText: 'nothing',
      },
    });
    expect(read.strategy).to.deep.equal(strategy);
  });

  it('fills in what an unspecified enum means', async () => {
    const { strategy } = await create({ nodes: [{ nodeId: LOWERCASE_ID, policy: {} }] });

    expect(strategy).to.include({ eventDetail: EventDetail.LIFECYCLE, durability: Durability.FLOW });
    expect(strategy?.nodes[0]?.policy?.onError).to.equal(OnError.FAIL);
  });

  it('takes a strategy without nodes, which can be filled later', async () => {
    const { strategy } = await create({ nodes: [] });

    expect(strategy?.nodes).to.deep.equal([]);
  });

  it('reports every violation at once', async () => {
    const failure = await refusalOf(
      {
        name: '',
        tags: ['a', 'a'],
        eventDetail: EventDetail.UNRECOGNIZED,
        nodes: [
          { nodeId: 'x', position: 2 },
          { nodeId: '', config: { $policy: {} } },
          {
            nodeId: LOWERCASE_ID,
            nodeRevision: 0,
            policy: {
              timeout: { seconds: 3_601n },
              retry: {
                maxAttempts: 11,
                initialBackoff: { seconds: 61n },
                maxBackoff: { seconds: 301n },
                multiplier: 0.5,
                jitter: 1.5,
              },
              fallbackText: 'x'.repeat(32_769),
            },
          },
        ],
      },
      { requestId: 'x' },
    );

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(failure.fields).to.include.members([
      'request_id',
      'strategy.event_detail',
      'strategy.name',
      'strategy.nodes[0].node_id',
      'strategy.nodes[0].position',
      'strategy.nodes[1].config',
      'strategy.nodes[1].node_id',
      'strategy.nodes[2].node_revision',
      'strategy.nodes[2].policy.fallback_text',
      'strategy.nodes[2].policy.retry.initial_backoff',
      'strategy.nodes[2].policy.retry.jitter',
      'strategy.nodes[2].policy.retry.max_attempts',
      'strategy.nodes[2].policy.retry.max_backoff',
      'strategy.nodes[2].policy.retry.multiplier',
      'strategy.nodes[2].policy.timeout',
      'strategy.tags',
    ]);
  });

  it('refuses policies beyond their limits', async () => {
    type Policy = NonNullable<
      NonNullable<Parameters<typeof createStrategyRequest>[0]>['nodes']
    >[number]['policy'];
    const refusals: [string, Policy][] = [
      ['timeout', { timeout: { seconds: 0n } }],
      ['timeout', { timeout: { seconds: -1n } }],
      ['timeout', { timeout: { nanos: 1_500_000 } }],
      ['timeout', { timeout: { seconds: 3_600n, nanos: 1_000_000 } }],
      ['timeout', { timeout: { seconds: 2n ** 62n } }],
      ['timeout', { timeout: { seconds: 1n, nanos: 2_000_000_000 } }],
      ['retry.max_attempts', { retry: { maxAttempts: -1 } }],
      ['retry.max_backoff', { retry: { initialBackoff: { seconds: 2n }, maxBackoff: { seconds: 1n } } }],
      ['retry.max_backoff', { retry: { initialBackoff: { seconds: 20n } } }],
      ['retry.multiplier', { retry: { multiplier: Number.NaN } }],
      ['retry.jitter', { retry: { jitter: Number.POSITIVE_INFINITY } }],
      ['fallback_text', { onError: OnError.SKIP, fallbackText: 'x' }],
      ['fallback_text', { onError: OnError.FALLBACK, fallbackText: 'x\0' }],
      ['fallback_text', { onError: OnError.FALLBACK, fallbackText: 'é'.repeat(16_385) }],
      ['on_error', { onError: OnError.UNRECOGNIZED }],
    ];

    for (const [field, policy] of refusals) {
      const failure = await refusalOf({ nodes: [{ nodeId: LOWERCASE_ID, policy }] });

      expect(failure, field).to.include({ reason: 'FIELD_INVALID' });
      expect(failure.fields).to.deep.equal([`strategy.nodes[0].policy.${field}`]);
    }
  });

  it('refuses positions that do not agree with the order of the list', async () => {
    const positions = async (...places: number[]) =>
      (await refusalOf({ nodes: places.map((position) => ({ nodeId: LOWERCASE_ID, position })) })).fields;

    expect(await positions(1, 1)).to.deep.equal(['strategy.nodes[1].position']);
    expect(await positions(2, 1)).to.deep.equal(['strategy.nodes[0].position', 'strategy.nodes[1].position']);
    expect(await positions(1, 3)).to.deep.equal(['strategy.nodes[1].position']);
    expect(await positions(-1)).to.deep.equal(['strategy.nodes[0].position']);
  });

  it('takes a hundred positions and refuses one more', async () => {
    const nodes = (length: number) => Array.from({ length }, () => ({ nodeId: LOWERCASE_ID }));

    const { strategy } = await create({ nodes: nodes(100) });
    const failure = await refusalOf({ nodes: nodes(101) });

    expect(strategy?.nodes).to.have.length(100);
    expect(failure.violations).to.deep.equal({ 'strategy.nodes': 'must be at most 100' });
  });

  it('answers readably when everything about every position is wrong', async () => {
    const nodes = Array.from({ length: 100 }, () => ({
      nodeId: 'x'.repeat(100),
      position: 999,
      config: { $a: '\0' },
      policy: { timeout: { seconds: -1n }, onError: OnError.UNRECOGNIZED },
    }));

    const failure = await refusalOf({ nodes });

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(failure.fields).not.to.deep.equal([]);
  });

  it('names the positions whose nodes do not exist', async () => {
    const missing = randomUUID();

    const failure = await refusalOf({
      nodes: [{ nodeId: missing }, { nodeId: LOWERCASE_ID }, { nodeId: missing }],
    });

    expect(failure).to.include({ code: 'NOT_FOUND', reason: 'NODE_NOT_FOUND' });
    expect(failure.metadata).to.include({ position: '1, 3', node_id: missing });
  });

  it('refuses a revision that the node does not have', async () => {
    const failure = await refusalOf({ nodes: [{ nodeId: LOWERCASE_ID, nodeRevision: 9 }] });

    expect(failure).to.include({ code: 'NOT_FOUND', reason: 'NODE_REVISION_NOT_FOUND' });
  });

  it('lets an inactive node in, since it may be activated before anything runs', async () => {
    const nodeId = await catalog.createNode();
    await catalog.database.query('update nodes set is_active = false where id = $1', { bind: [nodeId] });

    expect(await catalog.createStrategy({ nodes: [{ nodeId }] })).to.be.a('string');
  });

  it("holds every config against its node's schema, with all violations together", async () => {
    const nodeId = await catalog.createNode({
      metadata: {
        config_schema: { type: 'object', properties: { limit: { type: 'integer' } }, required: ['limit'] },
      },
    });

    const failure = await refusalOf({
      nodes: [
        { nodeId: LOWERCASE_ID, config: { locale: 'tr' } },
        { nodeId: REPLACE_TEXT_ID },
        { nodeId, config: { limit: 'x' } },
        { nodeId, config: { limit: 1, more: true } },
      ],
    });

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'NODE_CONFIG_INVALID' });
    expect(failure.violations).to.deep.equal({
      'strategy.nodes[0].config.locale': 'is not known; remove it',
      'strategy.nodes[1].config.search': 'is required',
      'strategy.nodes[2].config.limit': 'must be integer',
    });
  });

  it('stores nothing of a strategy whose insert fails midway', async () => {
    const [strategies, positions] = [await rowCount('chain_strategies'), await rowCount('strategy_nodes')];
    await catalog.database.query(
      `create function fail_third() returns trigger language plpgsql as
       'begin if new.position = 3 then raise exception ''failpoint''; end if; return new; end'`,
    );
    await catalog.database.query(
      'create trigger fail_third before insert on strategy_nodes for each row execute function fail_third()',
    );
    try {
      const failure = await refusalOf({ nodes: Array.from({ length: 4 }, () => ({ nodeId: LOWERCASE_ID })) });

      expect(failure).to.include({ code: 'INTERNAL', reason: 'INTERNAL' });
      expect(failure.message).not.to.include('failpoint');
    } finally {
      await catalog.database.query('drop function fail_third cascade');
    }
    expect(await rowCount('chain_strategies')).to.equal(strategies);
    expect(await rowCount('strategy_nodes')).to.equal(positions);
  });

  it('stores nothing when it only validates, and finds what is wrong all the same', async () => {
    const before = await rowCount('chain_strategies');

    const { strategy } = await create({ nodes: [{ nodeId: LOWERCASE_ID }] }, { validateOnly: true });
    const failure = await refusalOf({ nodes: [{ nodeId: randomUUID() }] }, { validateOnly: true });

    expect(strategy).to.include({ id: '', version: 0 });
    expect(strategy?.nodes[0]).to.include({ id: '', position: 1 });
    expect(failure).to.include({ reason: 'NODE_NOT_FOUND' });
    expect(await rowCount('chain_strategies')).to.equal(before);
  });

  it('gives the first strategy again when a request is repeated, also after its node changed', async () => {
    const requestId = randomUUID();
    const nodeId = await catalog.createNode();
    const nodes = [{ nodeId, config: { a: 1, b: 2 } }];
    const first = await create({ nodes }, { requestId });
    await catalog.database.query(
      `update nodes set metadata = '{"config_schema": {"additionalProperties": false}}', version = 2 where id = $1`,
      { bind: [nodeId] },
    );

    const again = await create({ nodes: [{ nodeId, config: { b: 2, a: 1 } }] }, { requestId });
    const reused = await refusalOf({ nodes: [] }, { requestId });

    expect(again).to.deep.equal(first);
    expect(reused).to.include({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
  });

  it('makes one strategy of many equal requests at a time', async () => {
    const before = await rowCount('chain_strategies');
    const requestId = randomUUID();

    const answers = await Promise.all(
      Array.from({ length: 12 }, () => create({ nodes: [{ nodeId: LOWERCASE_ID }] }, { requestId })),
    );

    expect(new Set(answers.map(({ strategy }) => strategy?.id)).size).to.equal(1);
    expect(await rowCount('chain_strategies')).to.equal(before + 1);
  });

  it('refuses bytes that are no UTF-8, and NUL in a config', async () => {
    const token = await catalog.identity.token({ roles: ['editor'] });
    const request = Buffer.from(
      CreateStrategyRequest.encode(createStrategyRequest({ name: 'SURROGATE' })).finish(),
    );
    Buffer.from([0xed, 0xa0, 0x80]).copy(request, request.indexOf('SURROGATE'));
    const methodPath = '/chainprocessor.catalog.v1.StrategyService/CreateStrategy';

    const broken = await failureOf(rawCall({ target: catalog.address, methodPath, request, token }));
    const nul = await refusalOf({ nodes: [{ nodeId: LOWERCASE_ID, config: { 'a\0': 1 } }] });

    expect(broken).to.include({ reason: 'REQUEST_MALFORMED' });
    expect(nul.fields).to.deep.equal(['strategy.nodes[0].config']);
  });

  it('is read by id, and listed by the node that stands in it', async () => {
    const nodeId = await catalog.createNode();
    const strategyId = await catalog.createStrategy({ nodes: [{ nodeId }, { nodeId }] });

    const page = await catalog.strategies.listStrategies(
      ListStrategiesRequest.fromPartial({ nodeId }),
      viewer,
    );
    const unknown = await failureOf(catalog.strategies.getStrategy({ strategyId: randomUUID() }, viewer));
    const malformed = await failureOf(catalog.strategies.getStrategy({ strategyId: 'x' }, viewer));

    expect(page.strategies.map(({ id, nodes }) => [id, nodes.length])).to.deep.equal([[strategyId, 0]]);
    expect(unknown).to.include({ code: 'NOT_FOUND', reason: 'STRATEGY_NOT_FOUND' });
    expect(malformed.fields).to.deep.equal(['strategy_id']);
  });
});
