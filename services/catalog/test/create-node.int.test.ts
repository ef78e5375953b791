import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { CreateNodeRequest, CreateNodeResponse } from '@chain-processor/proto/catalog';
import { failureOf, rawCall, withToken } from '@chain-processor/testing';
import {
  GOOD_CODE,
  createNodeRequest,
  startCatalogFixture,
  type CatalogFixture,
} from './support/catalog-fixture.js';

const CREATE_NODE = '/chainprocessor.catalog.v1.NodeService/CreateNode';

describe('CreateNode', () => {
  let catalog: CatalogFixture;
  let editor: ReturnType<typeof withToken>;

  before(async () => {
    catalog = await startCatalogFixture();
    editor = await catalog.as('editor');
  });

  after(() => catalog.stop());

  const create = (...request: Parameters<typeof createNodeRequest>) =>
    catalog.nodes.createNode(createNodeRequest(...request), editor);
  const refusalOf = (...request: Parameters<typeof createNodeRequest>) => failureOf(create(...request));
  const nodeCount = async () =>
    (await catalog.database.query('select id from nodes where not is_builtin')).length;

  it('stores the node as asked for, owned by its creator', async () => {
    const subject = randomUUID();
    const token = withToken(await catalog.identity.token({ roles: ['editor'], subject }));
    const asked = createNodeRequest({
      name: 'Größe 👍',
      description: 'Says what it does.',
      code: GOOD_CODE,
      metadata: {
        language: 'typescript',
        config_schema: { type: 'object', properties: { a: { type: 'number' } } },
        icon: { color: 'red', sizes: [1, 2.5, null] },
      },
      tags: ['text', 'ä'],
    });

    const { node } = await catalog.nodes.createNode(asked, token);
    const read = await catalog.nodes.getNode({ nodeId: node?.id ?? '' }, await catalog.as('viewer'));

    expect(node).to.deep.include({
      name: 'Größe 👍',
      description: 'Says what it does.',
      code: GOOD_CODE,
      metadata: asked.node?.metadata,
      tags: ['text', 'ä'],
      createdById: subject,
      isBuiltin: false,
      isActive: true,
      version: 1,
      etag: 'v1',
    });
    expect(read.node).to.deep.equal(node);
  });

  it('ignores output only fields', async () => {
    const { node } = await create({
      id: randomUUID(),
      isBuiltin: true,
      createdById: randomUUID(),
      version: 7,
    });

    expect(node).to.include({ isBuiltin: false, version: 1 });
  });

  it('reports every violation at once, those of code and schema included', async () => {
    const failure = await refusalOf(
      {
        name: '',
        description: 'x'.repeat(4_001),
        code: 'export default 3;',
        metadata: { language: 'cobol', config_schema: { type: 'objekt' } },
        tags: ['a', '', 'x'.repeat(65)],
      },
      { requestId: 'not-a-uuid' },
    );

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(failure.fields).to.include.members([
      'node.name',
      'node.description',
      'node.metadata.language',
      'node.metadata.config_schema.type',
      'node.tags[1]',
      'node.tags[2]',
      'request_id',
    ]);
  });

  it('refuses each field beyond its limits', async () => {
    const refusals: [string, Parameters<typeof createNodeRequest>[0]][] = [
      ['node.name', { name: 'x'.repeat(256) }],
      ['node.name', { name: 'a\0b' }],
      ['node.description', { description: 'a\0b' }],
      ['node.code', { code: '' }],
      ['node.code', { code: `${GOOD_CODE}// \0` }],
      ['node.metadata', { metadata: { a: 'x'.repeat(16_384) } }],
      ['node.metadata', { metadata: { a: 'b\0' } }],
      ['node.metadata', { metadata: { a: Number.NaN } }],
      ['node.metadata.language', { metadata: { language: 'python' } }],
      ['node.metadata.config_schema', { metadata: { config_schema: 'text' } }],
      ['node.metadata.config_schema', { metadata: { config_schema: { pattern: '(' } } }],
      ['node.tags', { tags: Array.from({ length: 33 }, (_, index) => `t${index}`) }],
      ['node.tags', { tags: ['a', 'b', 'a'] }],
      ['node.tags[0]', { tags: ['x'.repeat(65)] }],
      ['node.tags[1]', { tags: ['a', 'b\0'] }],
    ];

    for (const [field, node] of refusals) {
      const failure = await refusalOf(node);

      expect(failure, field).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
      expect(failure.fields).to.deep.equal([field]);
    }
  });

  it('takes each field at its limits', async () => {
    const filler = ' '.repeat(262_144 - Buffer.byteLength(GOOD_CODE));

    const { node } = await create({
      name: '👍'.repeat(255),
      description: 'x'.repeat(4_000),
      code: GOOD_CODE + filler,
      tags: Array.from({ length: 32 }, (_, index) => `${index}`.padStart(64, 'x')),
    });

    expect(node?.code.length).to.equal(262_144);
  });

  it('refuses a request without a node', async () => {
    const failure = await failureOf(catalog.nodes.createNode({}, editor));

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID' });
    expect(failure.violations).to.deep.equal({ node: 'is required' });
  });

  it('refuses code that does not compile, with line and column', async () => {
    const failure = await refusalOf({ code: 'export default function (input) {\n  return input + ;\n}' });

    expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'NODE_CODE_INVALID' });
    expect(failure.metadata).to.include({ line: '2', column: '18' });
    expect(failure.message).to.include('line 2, column 18');
    expect(failure.violations['node.code']).to.match(/^line 2, column 18: /);
  });

  it('refuses code without a default-exported function, and code that imports', async () => {
    const codes = [
      'export const process = (input: string) => input;',
      'export default 3;',
      'import x from "npm:lodash";\nexport default (i: string) => i;',
    ];

    for (const code of codes) {
      expect(await refusalOf({ code })).to.include({ reason: 'NODE_CODE_INVALID' });
    }
  });

  it('refuses types in a node whose language is JavaScript', async () => {
    const failure = await refusalOf({ metadata: { language: 'javascript' } });

    expect(failure).to.include({ reason: 'NODE_CODE_INVALID' });
  });

  it('never runs the code', async () => {
    await create({ code: 'throw new Error("ran");\nexport default (i: string) => i;' });
    await create({ code: 'for (;;) {}\nexport default (i: string) => i;' });
  });

  it('refuses code that is too large or nested too deeply, and goes on working', async () => {
    const tooLarge = await refusalOf({ code: `${GOOD_CODE}//${'x'.repeat(2_000_000)}` });
    const tooDeep = await refusalOf({ code: '['.repeat(200_000) });

    expect(tooLarge).to.include({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_TOO_LARGE' });
    expect(tooLarge.metadata).to.include({ limit_bytes: '262144' });
    expect(tooDeep).to.include({ code: 'INVALID_ARGUMENT', reason: 'NODE_CODE_INVALID' });
    expect(await catalog.createNode()).to.be.a('string');
  });

  it('refuses a surrogate half and other bytes that are no UTF-8', async () => {
    const token = await catalog.identity.token({ roles: ['editor'] });
    const name = Buffer.from('SURROGATE');
    for (const bytes of [Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xc3, 0x28])]) {
      const request = Buffer.from(
        CreateNodeRequest.encode(createNodeRequest({ name: name.toString() })).finish(),
      );
      const padded = Buffer.concat([bytes, Buffer.alloc(name.length - bytes.length, 'x')]);
      padded.copy(request, request.indexOf(name));

      const failure = await failureOf(
        rawCall({ target: catalog.address, methodPath: CREATE_NODE, request, token }),
      );

      expect(failure).to.include({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_MALFORMED' });
    }
  });

  it('loses a key __proto__ in metadata instead of making a prototype of it', async () => {
    const token = await catalog.identity.token({ roles: ['editor'] });
    const metadata = { __prot0__: { language: 'cobol' }, kept: { __prot0__: { a: 1 }, b: 2 } };
    const request = Buffer.from(CreateNodeRequest.encode(createNodeRequest({ metadata })).finish());
    for (let at = request.indexOf('__prot0__'); at >= 0; at = request.indexOf('__prot0__', at)) {
      request.write('__proto__', at);
    }

    const response = await rawCall({ target: catalog.address, methodPath: CREATE_NODE, request, token });

    expect(CreateNodeResponse.decode(response).node?.metadata).to.deep.equal({ kept: { b: 2 } });
  });

  it('stores nothing when it only validates, and needs the same rights', async () => {
    const before = await nodeCount();

    const { node } = await create({ name: 'checked' }, { validateOnly: true });
    const denied = await failureOf(
      catalog.nodes.createNode(createNodeRequest({}, { validateOnly: true }), await catalog.as('viewer')),
    );

    expect(node).to.include({ id: '', name: 'checked', version: 0, etag: '' });
    expect(denied).to.include({ code: 'PERMISSION_DENIED' });
    expect(await nodeCount()).to.equal(before);
  });

  it('gives the first node again when a request is repeated', async () => {
    const requestId = randomUUID();
    const metadata = { a: 1, b: { c: 2, d: 3 } };

    const first = await create({ name: 'once', metadata }, { requestId });
    const again = await create({ name: 'once', metadata: { b: { d: 3, c: 2 }, a: 1 } }, { requestId });

    expect(again).to.deep.equal(first);
  });

  it('refuses a request_id that was used for another request, also when it only validates', async () => {
    const requestId = randomUUID();
    await create({ name: 'once' }, { requestId });

    for (const validateOnly of [false, true]) {
      const failure = await refusalOf({ name: 'other' }, { requestId, validateOnly });

      expect(failure).to.include({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
    }
  });

  it('lets two callers use the same request_id', async () => {
    const requestId = randomUUID();
    const first = await create({}, { requestId });

    const second = await catalog.nodes.createNode(
      createNodeRequest({}, { requestId }),
      await catalog.as('editor'),
    );

    expect(second.node?.id).not.to.equal(first.node?.id);
  });

  it('makes one node of many equal requests at a time', async () => {
    const before = await nodeCount();
    const requestId = randomUUID();

    const answers = await Promise.all(
      Array.from({ length: 12 }, () => create({ name: 'race' }, { requestId })),
    );

    expect(new Set(answers.map(({ node }) => node?.id)).size).to.equal(1);
    expect(await nodeCount()).to.equal(before + 1);
  });
});
