import { expect } from 'chai';
import { createRunBounded } from '../bounded-call.js';
import { createConfigSchemas } from './config-schema.js';
import type { JsonObject } from './json-object.js';

const schemas = createConfigSchemas({ runBounded: createRunBounded({ limitMs: 200 }), maxCompiled: 2 });

const schemaViolations = (schema: unknown) => schemas.schemaViolations('node.metadata.config_schema', schema);

let count = 0;
function configViolations(schema: unknown, config: JsonObject, key = `fresh ${(count += 1)}`) {
  return schemas.configViolations([{ key, schema, config, field: 'nodes[0].config' }]);
}

/** `anyOf` that doubles at every level: 2^40 ways to fail. */
const doubling = {
  $defs: Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => [
      `d${level}`,
      level === 39
        ? { type: 'number' }
        : { anyOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] },
    ]),
  ),
  $ref: '#/$defs/d0',
};

describe('config schemas', () => {
  it('look at the properties that a config was sent with, not at those that every object inherits', () => {
    const schema = { properties: { constructor: { type: 'string' } }, required: ['valueOf'] };

    const violations = configViolations(schema, {});

    expect(violations).to.have.length(1);
    expect(violations[0]).to.deep.equal({ field: 'nodes[0].config.valueOf', description: 'is required' });
  });

  it('are taken when they are JSON Schema 2020-12', () => {
    const taken = [
      {},
      { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
      {
        $id: 'https://example.com/a',
        properties: { a: { $ref: '#/$defs/b' } },
        $defs: { b: { type: 'string' } },
      },
      { $id: 'https://example.com/a', type: 'object', 'x-ours': true },
    ];

    for (const schema of taken) expect(schemaViolations(schema)).to.deep.equal([]);
  });

  it('are refused with the place of each fault', () => {
    expect(schemaViolations({ type: 'objekt', required: 'a' }).map(({ field }) => field)).to.include.members([
      'node.metadata.config_schema.type',
      'node.metadata.config_schema.required',
    ]);
  });

  it('are refused when they cannot be used', () => {
    const refused = [
      'text',
      [],
      null,
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      { $async: true },
      { pattern: '(' },
      { $ref: 'https://example.com/other' },
      { $ref: '#/$defs/missing' },
    ];

    for (const schema of refused) expect(schemaViolations(schema), JSON.stringify(schema)).to.have.length(1);
  });

  it('tell what is wrong with a config, by path', () => {
    const schema = {
      type: 'object',
      properties: {
        count: { type: 'integer' },
        list: { type: 'array', items: { type: 'string' } },
        'odd key/~': { type: 'string' },
      },
      required: ['name'],
      additionalProperties: false,
    };

    const violations = configViolations(schema, { count: 'x', list: ['a', 1], extra: 1, 'odd key/~': 1 });

    expect(
      Object.fromEntries(violations.map(({ field, description }) => [field, description])),
    ).to.deep.equal({
      'nodes[0].config.name': 'is required',
      'nodes[0].config.extra': 'is not known; remove it',
      'nodes[0].config.count': 'must be integer',
      'nodes[0].config.list[1]': 'must be string',
      'nodes[0].config["odd key/~"]': 'must be string',
    });
  });

  it('take any config where a node has none', () => {
    expect(configViolations(undefined, { anything: true })).to.deep.equal([]);
  });

  it('do not mix up two users who chose the same $id', () => {
    const first = { $id: 'https://example.com/a', properties: { a: { type: 'string' } } };
    const second = { $id: 'https://example.com/a', properties: { a: { type: 'number' } } };

    expect(configViolations(first, { a: 'x' })).to.deep.equal([]);
    expect(configViolations(second, { a: 1 })).to.deep.equal([]);
    expect(configViolations(second, { a: 'x' })).to.have.length(1);
  });

  it('do not let a pattern or references that multiply hold the process up', () => {
    const slow = configViolations({ properties: { a: { pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(40)}b` });
    const doubled = configViolations(doubling, { a: 1 });

    expect(slow[0]?.description).to.match(/takes too long/);
    expect(doubled[0]?.description).to.match(/takes too long/);
  });

  it('do not hold the process up longer for being many', () => {
    const startedAt = performance.now();

    const violations = schemas.configViolations(
      Array.from({ length: 100 }, (_, index) => ({
        key: `slow ${index}`,
        schema: { properties: { a: { pattern: '^(a+)+$' } } },
        config: { a: `${'a'.repeat(40)}b` },
        field: `nodes[${index}].config`,
      })),
    );

    expect(violations.map(({ field }) => field)).to.deep.equal(['nodes[0].config']);
    expect(performance.now() - startedAt).to.be.below(2_000);
  });

  it('do not go round in circles', () => {
    expect(configViolations({ allOf: [{ $ref: '#' }] }, {})[0]?.description).to.match(/nested too deeply/);
  });

  it('go on working after one was cut off, with a bounded number kept', () => {
    for (const key of ['a', 'b', 'c', 'a']) {
      expect(configViolations({ required: [key] }, { [key]: 1 }, key)).to.deep.equal([]);
    }
  });
});
