import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  BuiltinConfigInvalidError,
  BuiltinOutputTooLargeError,
  builtinNodes,
  findBuiltinNode,
} from './index.js';

const casesSchema = z
  .array(
    z.strictObject({
      title: z.string(),
      input: z.string(),
      config: z.record(z.string(), z.unknown()).default({}),
      output: z.string().optional(),
      error: z.literal('NODE_CONFIG_INVALID').optional(),
    }),
  )
  .min(5);

const HUGE_INPUT = 'Ab ÿ👍\n'.repeat(95_000);

/** The sources lie beside the compiled tests: `dist/src` to `src`. */
function casesOf(key: string) {
  const file = new URL(`../../src/${key.replaceAll('_', '-')}.cases.yaml`, import.meta.url);
  return casesSchema.parse(parse(readFileSync(file, 'utf8')));
}

describe('builtin nodes', () => {
  it('have unique keys in lower snake_case', () => {
    const keys = builtinNodes.map(({ key }) => key);

    expect(new Set(keys).size).to.equal(keys.length);
    for (const key of keys) expect(key).to.match(/^[a-z][a-z0-9_]{0,62}$/);
  });

  it('are found by their key, and nothing else is', () => {
    expect(findBuiltinNode('lowercase')?.key).to.equal('lowercase');
    expect(findBuiltinNode('constructor')).to.equal(undefined);
  });
});

describe('builtin node replace_text', () => {
  it('refuses at once what would grow beyond the longest text', () => {
    const grow = () =>
      findBuiltinNode('replace_text')?.run('a'.repeat(1_000_000), {
        search: 'a',
        replacement: 'b'.repeat(10_000),
      });

    expect(grow).to.throw(BuiltinOutputTooLargeError);
  });
});

for (const node of builtinNodes) {
  describe(`builtin node ${node.key}`, () => {
    const cases = casesOf(node.key);
    const goodConfig = cases.find((candidate) => candidate.output !== undefined)?.config;

    for (const { title, input, config, output, error } of cases) {
      it(title, () => {
        if (error === undefined) expect(node.run(input, config)).to.equal(output);
        else
          expect(() => node.run(input, config))
            .to.throw(BuiltinConfigInvalidError)
            .with.property('reason', `ERROR_REASON_${error}`);
      });
    }

    it('publishes a JSON Schema of an object that refuses unknown keys', () => {
      expect(node.configSchema).to.include({ type: 'object', additionalProperties: false });
      expect(node.description).to.match(/\.$/);
    });

    it('refuses a config that is no object', () => {
      for (const config of [null, 'text', 7, [], undefined]) {
        expect(() => node.run('a', config)).to.throw(BuiltinConfigInvalidError);
      }
    });

    it('gives the same answer twice on a text of a megabyte', () => {
      expect(node.run(HUGE_INPUT, goodConfig)).to.equal(node.run(HUGE_INPUT, goodConfig));
    });
  });
}
