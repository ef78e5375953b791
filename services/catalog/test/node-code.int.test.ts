import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';
import { findCodeFaults } from '../src/domain/node-code.js';
import { nodeCodeCorpus, stricterThanSandbox } from './support/node-code-corpus.js';

/** Loads each module as the sandbox does and tells of which the default export is a function. */
const program = (codes: readonly string[]) => `
const results = [];
for (const code of ${JSON.stringify(codes)}) {
  const bytes = new TextEncoder().encode(code);
  const url = 'data:application/typescript;base64,' + btoa(String.fromCharCode(...bytes));
  results.push(await import(url).then((module) => typeof module.default === 'function', () => false));
}
console.log(JSON.stringify(results));`;

async function takenBySandbox(codes: readonly string[]): Promise<boolean[]> {
  const deno = createRequire(import.meta.url).resolve('deno/bin.cjs');
  const flags = ['--no-prompt', '--no-remote', '--no-npm', '--cached-only', '--no-config', '--no-lock'];
  const child = promisify(execFile)(process.execPath, [deno, 'run', ...flags, '--ext=js', '-']);
  child.child.stdin?.end(program(codes));
  return z.array(z.boolean()).parse(JSON.parse((await child).stdout));
}

describe('the check of node code', () => {
  it('takes and refuses what the sandbox does', async () => {
    const taken = await takenBySandbox(nodeCodeCorpus);

    const disagreements = nodeCodeCorpus.filter(
      (code, index) => (findCodeFaults(code, 'typescript').length === 0) !== taken[index],
    );
    expect(disagreements).to.deep.equal([]);
  });

  it('is stricter only where the TypeScript compiler is, too', async () => {
    expect(await takenBySandbox(stricterThanSandbox)).to.deep.equal([true, true]);
    for (const code of stricterThanSandbox) expect(findCodeFaults(code, 'typescript')).to.have.length(1);
  });
});
