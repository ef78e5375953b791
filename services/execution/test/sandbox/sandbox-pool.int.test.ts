import { expect } from 'chai';
import { SandboxPool } from '../../src/sandbox/sandbox-pool.js';
import { SandboxUnavailableError } from '../../src/sandbox/sandbox-unavailable-error.js';
import type { NodeOutcome } from '../../src/sandbox/sandbox.js';
import { aNode, aTrip, failureOf, outputOf, until } from './sandbox-fixture.js';

describe('SandboxPool', function () {
  this.timeout(20_000);
  let sandbox: SandboxPool;

  before(() => {
    sandbox = new SandboxPool();
  });

  after(async () => {
    await sandbox.close();
  });

  it('runs TypeScript, with types that have to be stripped and enums that have to be compiled', async () => {
    const code = `
      enum Mark { End = '!' }
      interface Options { times: number }
      export default function process(input: string, ctx: { config: Options }): string {
        return input.repeat(ctx.config.times) + Mark.End;
      }`;

    const outcomes = await sandbox.run(
      aTrip([aNode(code, { language: 'typescript', config: { times: 2 } })]),
    );

    expect(outputOf(outcomes)).to.equal('texttext!');
  });

  it('runs JavaScript and waits for a promise', async () => {
    const code = `export default async (input) => { await new Promise((done) => setTimeout(done, 5)); return input + ' äö€😀'; }`;

    expect(outputOf(await sandbox.run(aTrip([aNode(code)])))).to.equal('text äö€😀');
  });

  it('gives the code its config, metadata, execution, step and signal', async () => {
    const code = `export default (input, ctx) => JSON.stringify({ ...ctx, signal: ctx.signal.aborted });`;
    const node = aNode(code, { config: { a: [1] }, metadata: { b: null }, position: 3, attempt: 2 });

    const output: unknown = JSON.parse(outputOf(await sandbox.run(aTrip([node]))));

    expect(output).to.deep.equal({
      config: { a: [1] },
      metadata: { b: null },
      execution: { id: 'execution-1' },
      step: { position: 3, attempt: 2 },
      signal: false,
    });
  });

  it('passes each output on as the next input and reports every step as it ends', async () => {
    const reported: [number, NodeOutcome][] = [];
    const nodes = [
      aNode(`export default (input) => input + '1'`),
      aNode(`export default (input) => input + '2'`),
      aNode(`export default (input) => input + '3'`),
    ];

    const outcomes = await sandbox.run(
      aTrip(nodes, { onStepFinished: (index, outcome) => reported.push([index, outcome]) }),
    );

    expect(outcomes.map((outcome) => outputOf([outcome]))).to.deep.equal(['text1', 'text12', 'text123']);
    expect(reported).to.deep.equal([...outcomes.entries()]);
  });

  it('reports a step while the next one is still running', async () => {
    const controller = new AbortController();
    const nodes = [
      aNode(`export default (input) => input`),
      aNode(`export default () => new Promise(() => {})`),
    ];
    let finished = 0;

    const run = sandbox
      .run(aTrip(nodes, { signal: controller.signal, onStepFinished: () => (finished += 1) }))
      .catch((error: unknown) => error);
    await until(() => finished === 1);
    controller.abort(new Error('seen enough'));

    expect(await run)
      .to.be.an('error')
      .with.property('message', 'seen enough');
  });

  it('stops at the first failure', async () => {
    const nodes = [
      aNode(`export default (input) => input`),
      aNode(`export default () => { throw new Error('no'); }`),
      aNode(`export default () => 'never'`),
    ];

    const outcomes = await sandbox.run(aTrip(nodes));

    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['success', 'failure']);
  });

  it('reports an error with the lines of the code as its author wrote it', async () => {
    const code = [
      `interface Unused {`,
      `  text: string;`,
      `}`,
      `export default function process(input: string): string {`,
      `  return inner(input as string);`,
      `}`,
      `function inner(input: string): never {`,
      `  throw new RangeError('boom ' + input);`,
      `}`,
    ].join('\n');

    const failure = failureOf(await sandbox.run(aTrip([aNode(code, { language: 'typescript' })])));

    expect(failure).to.deep.include({ reason: 'NODE_THREW', isTerminal: false });
    expect(failure.message).to.equal(
      'RangeError: boom text\n    at inner, line 8, column 9\n    at process, line 5, column 10',
    );
  });

  it('says where code does not compile', async () => {
    const failure = failureOf(
      await sandbox.run(aTrip([aNode(`\n\nconst x = ;`, { language: 'typescript' })])),
    );

    expect(failure.reason).to.equal('NODE_THREW');
    expect(failure.message)
      .to.match(/could not be loaded.*Expression expected/s)
      .and.match(/line 3, column 11$/);
  });

  it('takes a TerminalError as final, and a module without a function too', async () => {
    const throwing = `export default () => { const error = new Error('bad input'); error.name = 'TerminalError'; throw error; }`;

    const thrown = failureOf(await sandbox.run(aTrip([aNode(throwing)])));
    const missing = failureOf(await sandbox.run(aTrip([aNode(`export const process = () => 'x';`)])));

    expect(thrown).to.deep.include({ reason: 'NODE_THREW', isTerminal: true });
    expect(missing).to.deep.include({ reason: 'NODE_THREW', isTerminal: true });
    expect(missing.message).to.include('default export is undefined');
  });

  it('lets code end by itself when the caller gives up, and keeps the process', async () => {
    const code = `export default (input, { signal }) => new Promise((done) => signal.addEventListener('abort', () => done(input)))`;
    const controller = new AbortController();
    await sandbox.warm('carol');
    const pids = sandbox.pids;

    const run = sandbox.run(aTrip([aNode(code)], { ownerId: 'carol', signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('given up')), 20);
    const error = await run.catch((reason: unknown) => reason);
    await sandbox.run(aTrip([aNode(`export default (input) => input`)], { ownerId: 'carol' }));

    expect(error).to.be.an('error').with.property('message', 'given up');
    expect(sandbox.pids).to.deep.equal(pids);
  });

  it('keeps texts of a megabyte as they are', async () => {
    const input = '"\\\u0001é'.repeat(200_000);

    const outcomes = await sandbox.run(aTrip([aNode(`export default (input) => input`)], { input }));

    expect(outputOf(outcomes) === input).to.equal(true);
  });

  it('refuses work after it was closed', async () => {
    const closed = new SandboxPool();
    await closed.close();

    const error = await closed.run(aTrip([aNode('')])).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(SandboxUnavailableError);
  });

  it('says so when there is no Deno to run', async () => {
    const broken = new SandboxPool({ denoBinary: '/nonexistent/deno' });

    const error = await broken.run(aTrip([aNode('')])).catch((reason: unknown) => reason);
    await broken.close();

    expect(error).to.be.instanceOf(SandboxUnavailableError);
    expect((error as Error).message).not.to.include('/nonexistent');
  });
});
