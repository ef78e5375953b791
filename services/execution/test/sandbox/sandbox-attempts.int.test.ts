import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { SandboxPool } from '../../src/sandbox/sandbox-pool.js';
import type { NodeFailureReason } from '../../src/sandbox/sandbox.js';
import { aNode, aTrip, outputOf, readAttempt, runnerFolder, sourceFolder } from './sandbox-fixture.js';

type Expected = readonly [NodeFailureReason, RegExp] | readonly ['success', RegExp];

const notAvailable = (builtin: string): Expected => [
  'NODE_THREW',
  new RegExp(`node:${builtin} is not available`),
];
const notDefined = (global: string): Expected => [
  'NODE_THREW',
  new RegExp(`ReferenceError: ${global} is not defined`),
];

/** How each hostile program ends. What it says itself when it gets through starts with ESCAPED. */
const expected: Readonly<Record<string, Expected>> = {
  'array-buffer-bomb.js': ['NODE_OUT_OF_MEMORY', /memory limit of 256 MiB/],
  'blocking-wait.js': ['NODE_TIMEOUT', /300 ms/],
  'env-deno.js': notDefined('Deno'),
  'env-process.js': notAvailable('process'),
  'exit-close.js': ['NODE_THREW', /globalThis\.close is not a function/],
  'exit-deno.js': notDefined('Deno'),
  'forge-answer.js': ['NODE_THREW', /globalThis\.postMessage is not a function/],
  'forge-frame-console.js': ['success', /^text$/],
  'forge-frame-deno.js': ['NODE_THREW', /Deno is not defined/],
  'forge-frame-node.js': notAvailable('process'),
  'forge-step.js': ['success', /^its own output$/],
  'heap-bomb.js': ['NODE_OUT_OF_MEMORY', /heap limit of 64 MiB/],
  'hostile-error.js': ['NODE_THREW', /^the thrown value could not be read$/],
  'huge-error.js': ['NODE_THREW', /^Error: \uFFFD€+…?$/],
  'huge-output.js': ['NODE_OUTPUT_TOO_LARGE', /at least 350000000 bytes .* at most 1048576/],
  'hunt-for-capabilities.js': ['success', /^nothing found$/],
  'import-runner.js': ['NODE_THREW', /Requires read access to .*, which nodes do not have/],
  'infinite-load.js': ['NODE_TIMEOUT', /300 ms/],
  'infinite-loop.js': ['NODE_TIMEOUT', /300 ms/],
  'infinite-microtasks.js': ['NODE_TIMEOUT', /300 ms/],
  'kill-process.js': notAvailable('process'),
  'late-error.js': ['NODE_THREW', /Error: thrown from a timer\n {4}at line 5, column 13/],
  'leftover-loop.js': ['success', /^text$/],
  'lone-surrogate-output.ts': ['NODE_BAD_OUTPUT', /lone surrogate/],
  'nested-worker-node.js': notAvailable('worker_threads'),
  'nested-worker.js': notDefined('Worker'),
  'network-fetch.js': notDefined('fetch'),
  'network-import.js': ['NODE_THREW', /Requires import access to "deno\.land:443"/],
  'network-node-net.js': notAvailable('net'),
  'network-npm-import.js': ['NODE_THREW', /--no-npm/],
  'network-websocket.js': notDefined('WebSocket'),
  'never-settles.js': ['NODE_TIMEOUT', /300 ms/],
  'nul-output.js': ['NODE_BAD_OUTPUT', /U\+0000/],
  'object-output.js': ['NODE_BAD_OUTPUT', /returned object instead of a string/],
  'pollute-prototypes.js': ['success', /^text$/],
  'read-file-builtin-module.js': ['NODE_THREW', /Cannot read properties of undefined/],
  'read-file-create-require.js': notAvailable('module'),
  'read-file-deno.js': notDefined('Deno'),
  'read-file-dynamic-import.js': [
    'NODE_THREW',
    /Requires read access to "\/etc\/passwd", which nodes do not have/,
  ],
  'read-file-fetch.js': notDefined('fetch'),
  'read-file-json-import.ts': ['NODE_THREW', /Requires read access to "\/proc\/self\/cmdline"/],
  'read-file-nested-module.js': ['NODE_THREW', /Requires read access to "\/etc\/passwd"/],
  'read-file-node-fs.js': notAvailable('fs'),
  'read-file-text-import.js': ['NODE_THREW', /Requires read access to "\/etc\/passwd"/],
  'redefine-builtins.js': ['NODE_BAD_OUTPUT', /returned number instead of a string/],
  'slow-regex.js': ['NODE_TIMEOUT', /300 ms/],
  'steal-stdin.js': notDefined('Deno'),
  'subprocess-deno.js': notDefined('Deno'),
  'subprocess-node.js': notAvailable('child_process'),
  'wasm-memory-bomb.js': ['NODE_OUT_OF_MEMORY', /memory limit of 256 MiB/],
  'wide-output.js': ['NODE_OUTPUT_TOO_LARGE', /1200000 bytes/],
};

describe('hostile nodes', function () {
  this.timeout(20_000);
  let sandbox: SandboxPool;

  before(async () => {
    sandbox = new SandboxPool({ maxRunners: 3, maxResidentMiB: 256, drainMs: 100 });
    await sandbox.warm('neighbour');
  });

  after(async () => {
    await sandbox.close();
  });

  it('are all expected to end in one way', () => {
    const files = readdirSync(new URL('attempts/', sourceFolder)).filter((name) => /\.[jt]s$/.test(name));

    expect(files).to.have.members(Object.keys(expected));
  });

  for (const [fileName, [end, text]] of Object.entries(expected)) {
    const code = readAttempt(fileName);
    const title = /^\/\/ (\w)(.*)/.exec(code);

    it(`${fileName}: ${title?.[1]?.toLowerCase()}${title?.[2]}`, async () => {
      const timeoutMs = end === 'NODE_TIMEOUT' ? 300 : 10_000;
      const language = fileName.endsWith('.ts') ? 'typescript' : 'javascript';
      const config = { runnerUrl: new URL('main.ts', runnerFolder).href };
      const neighbour = aNode(
        `export default (input) => input.toUpperCase() + [...'ok'].join('') + {}.polluted`,
      );
      const startedAt = performance.now();

      const [outcome] = await sandbox.run(
        aTrip([aNode(code, { language, timeoutMs, config })], { ownerId: fileName }),
      );
      const elapsedMs = performance.now() - startedAt;
      const neighbours = await sandbox.run(aTrip([neighbour], { ownerId: 'neighbour' }));

      const said = outcome?.kind === 'success' ? outcome.outputText : outcome?.message;
      expect(outcome?.kind === 'success' ? 'success' : outcome?.reason, said).to.equal(end);
      expect(said)
        .to.match(text)
        .and.not.match(/ESCAPED/);
      expect(Buffer.byteLength(said ?? '')).to.be.at.most(8_192);
      if (end === 'NODE_TIMEOUT') expect(elapsedMs).to.be.below(300 + 1_000);
      expect(outputOf(neighbours)).to.equal('TEXTokundefined');
    });
  }
});
