import { expect } from 'chai';
import { findCodeFaults } from './node-code.js';
import type { NodeLanguage } from './node.js';

const faultsOf = (code: string, language: NodeLanguage = 'typescript') => findCodeFaults(code, language);

describe('findCodeFaults', () => {
  it('takes every form of a default-exported function', () => {
    const codes = [
      'export default function process(input: string): string { return input; }',
      'export default async (input: string) => input;',
      'const process = (input: string) => input;\nexport default process;',
      'function process(input: string) { return input; }\nexport { process as default };',
      'export default ((input) => input) satisfies (input: string) => string;',
      'export default function f(i: string): string;\nexport default function f(i: any): any { return i; }',
      'const make = () => (input: string) => input;\nexport default make();',
    ];

    for (const code of codes) expect(faultsOf(code), code).to.deep.equal([]);
  });

  it('takes what the sandbox transpiles or runs itself', () => {
    const codes = [
      'enum A { X = 1 }',
      'const enum A { X = 1 }',
      'namespace N { export const a = 1; }',
      'class P { constructor(private readonly x: number) {} }',
      'function d(v: any, c: any) {}\n@d class A { @d m() {} }',
      'const x = await Promise.resolve(1);',
      'import type { A } from "./a.ts";',
      'async function f() { await using x = { async [Symbol.asyncDispose]() {} }; }',
      '#!/usr/bin/env deno',
    ];

    for (const code of codes) {
      expect(faultsOf(`${code}\nexport default (input: string) => input;`), code).to.deep.equal([]);
    }
  });

  it('gives line and column of a syntax error, both from 1', () => {
    const [fault] = faultsOf('export default function (input: string) {\n  return input + ;\n}');

    expect(fault).to.include({ line: 2, column: 18 });
    expect(fault?.message).to.equal('Unexpected token');
  });

  it('reports several errors that the parser gets over', () => {
    const faults = faultsOf('let a = 1;\nlet a = 2;\nreturn 1;\nexport default (i: string) => i;');

    expect(faults.map(({ line }) => line)).to.deep.equal([2, 3]);
  });

  it('takes types in TypeScript only', () => {
    const code = 'export default (input: string) => input;';

    expect(faultsOf(code, 'typescript')).to.deep.equal([]);
    expect(faultsOf(code, 'javascript')).to.have.length(1);
  });

  it('refuses whatever loads another module, at its place', () => {
    const statements = [
      'import x from "npm:lodash";',
      'import "./side-effect.js";',
      'import { type A } from "./a.ts";',
      'export * from "https://example.com/x.ts";',
      'export { a } from "node:fs";',
      'import fs = require("fs");',
    ];

    for (const statement of statements) {
      const [fault] = faultsOf(`\n${statement}\nexport default (input: string) => input;`);

      expect(fault, statement).to.include({ line: 2, column: 1 });
      expect(fault?.message).to.match(/^a node cannot import/);
    }
  });

  it('refuses code without a default export, or with two', () => {
    expect(faultsOf('export const process = (input: string) => input;')[0]?.message).to.match(/no default/);
    expect(faultsOf('export default interface A {}')[0]?.message).to.match(/no default/);
    expect(
      faultsOf('export default (i: string) => i;\nexport { x as default };\nconst x = 1;')[0],
    ).to.include({ line: 2, message: 'there is more than one default export' });
  });

  it('refuses a default export that is certainly no function', () => {
    const exported = [
      'export default 3;',
      'export default { run: (i: string) => i };',
      'export default class {}',
      'export default function* (i: string) { yield i; }',
      'const text = `a`;\nexport default text;',
      'class A {}\nexport { A as default };',
    ];

    for (const code of exported) expect(faultsOf(code)[0]?.message, code).to.match(/is not a function/);
  });

  it('reports at most ten faults, each of bounded length', () => {
    const name = 'a'.repeat(10_000);

    const faults = faultsOf(`let ${name};\n`.repeat(20));

    expect(faults).to.have.length(10);
    expect(faults[0]?.message.length).to.be.below(250);
  });

  it('names a name that follows itself no function rather than going round for ever', () => {
    expect(faultsOf('const a = b;\nconst b = a;\nexport default a;')).to.deep.equal([]);
  });
});
