import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { resolveDenoBinary } from '../../src/sandbox/deno-binary.js';
import { RunnerProcess } from '../../src/sandbox/runner-process.js';
import { launchRunner } from '../../src/sandbox/runner-launch.js';
import { SandboxFolders } from '../../src/sandbox/sandbox-folders.js';
import { SandboxPool } from '../../src/sandbox/sandbox-pool.js';
import { SandboxUnavailableError } from '../../src/sandbox/sandbox-unavailable-error.js';
import {
  aNode,
  aTrip,
  failureOf,
  isRunning,
  outputOf,
  readAttempt,
  runnerFolder,
  sourceFolder,
  until,
} from './sandbox-fixture.js';

const echo = `export default (input) => input`;

describe('sandbox processes', function () {
  this.timeout(20_000);
  let sandbox: SandboxPool;

  beforeEach(() => {
    sandbox = new SandboxPool({ maxRunners: 2, drainMs: 200, turnMs: 100 });
  });

  afterEach(async () => {
    const { pids } = sandbox;
    await sandbox.close();
    expect(pids.filter(isRunning)).to.deep.equal([]);
  });

  it('serve one owner each (S1)', async () => {
    await sandbox.run(aTrip([aNode(echo)], { ownerId: 'alice' }));
    const [first] = sandbox.pids;

    await sandbox.run(aTrip([aNode(echo)], { ownerId: 'alice' }));
    await sandbox.run(aTrip([aNode(echo)], { ownerId: 'bob' }));

    expect(sandbox.pids).to.have.lengthOf(2).and.to.include(first);
  });

  it('make room for an owner that waits, the least recently used first (S2, S3)', async () => {
    await sandbox.run(aTrip([aNode(echo)], { ownerId: 'alice' }));
    await sandbox.run(aTrip([aNode(echo)], { ownerId: 'bob' }));
    const [alice, bob] = sandbox.pids;

    await sandbox.run(aTrip([aNode(echo)], { ownerId: 'carol' }));

    expect(sandbox.pids).to.have.lengthOf(2).and.to.include(bob).and.not.to.include(alice);
  });

  it('make room when every owner is busy all the time (S3)', async () => {
    let isDone = false;
    const busy = ['alice', 'bob'].map(async (ownerId) => {
      const node = aNode(echo);
      while (!isDone) await sandbox.run(aTrip([node], { ownerId }));
    });

    const outcomes = await sandbox.run(aTrip([aNode(echo)], { ownerId: 'carol' }));
    isDone = true;
    await Promise.all(busy);

    expect(outputOf(outcomes)).to.equal('text');
  });

  it('keep what one node does to its globals away from every other node', async () => {
    const polluting = aNode(readAttempt('pollute-prototypes.js'));
    const clean = aNode(`export default (input) => input.toUpperCase() + [...'ok'].join('') + {}.polluted`);

    const outcomes = await sandbox.run(aTrip([polluting, clean]));

    expect(outputOf(outcomes)).to.equal('TEXTokundefined');
  });

  it('are replaced when code in them cannot be stopped, and the next call works (S4)', async () => {
    const startedAt = performance.now();
    const loop = aNode(readAttempt('infinite-loop.js'), { timeoutMs: 200 });
    const running = sandbox.run(aTrip([loop]));
    await until(() => sandbox.pids.length === 1);
    const [pid] = sandbox.pids;

    const failure = failureOf(await running);
    const elapsedMs = performance.now() - startedAt;
    const outcomes = await sandbox.run(aTrip([aNode(echo)]));

    expect(failure.reason).to.equal('NODE_TIMEOUT');
    expect(elapsedMs).to.be.below(1_200);
    expect(outputOf(outcomes)).to.equal('text');
    await until(() => pid !== undefined && !isRunning(pid));
  });

  it('let other steps come to their end when one of them cannot be stopped', async () => {
    const slow = aNode(
      `export default async (input) => { await new Promise((done) => setTimeout(done, 150)); return input; }`,
    );
    await sandbox.warm('alice');

    const [looping, slowly] = await Promise.all([
      sandbox.run(aTrip([aNode(readAttempt('infinite-loop.js'), { timeoutMs: 50 })])),
      sandbox.run(aTrip([slow])),
    ]);

    expect(failureOf(looping).reason).to.equal('NODE_TIMEOUT');
    expect(outputOf(slowly)).to.equal('text');
  });

  it('end when they burn CPU without any work (R3)', async () => {
    await sandbox.run(aTrip([aNode(readAttempt('leftover-loop.js'))]));
    const [pid] = sandbox.pids;

    await until(() => pid !== undefined && !isRunning(pid));
    expect(outputOf(await sandbox.run(aTrip([aNode(echo)])))).to.equal('text');
  });

  it('fail only the steps that are in them when they die (R1)', async () => {
    const waiting = aNode(`export default () => new Promise(() => {})`, { timeoutMs: 10_000 });
    await sandbox.warm('bob');
    const bystanders = sandbox.pids;
    const killOthers = (index: number): void => {
      if (index === 0)
        for (const pid of sandbox.pids) if (!bystanders.includes(pid)) process.kill(pid, 'SIGKILL');
    };

    const trip = aTrip([aNode(echo), waiting], { ownerId: 'alice', onStepFinished: killOthers });
    const outcomes = await sandbox.run(trip);
    const beside = await sandbox.run(aTrip([aNode(echo)], { ownerId: 'bob' }));
    const after = await sandbox.run(aTrip([aNode(echo)], { ownerId: 'alice' }));

    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['success', 'failure']);
    expect(failureOf(outcomes)).to.deep.include({ reason: 'NODE_CRASHED', isTerminal: false });
    expect([outputOf(beside), outputOf(after)]).to.deep.equal(['text', 'text']);
  });

  it('have an empty environment, an empty folder and no descriptor of ours', async () => {
    await sandbox.warm('alice');
    const [pid] = sandbox.pids;

    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => entry.split('=')[0])
      .filter(Boolean);
    const descriptors = readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2);
    const files = descriptors
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
      .filter((target) => target.startsWith('/'));

    expect(names).to.have.members([
      'DENO_DIR',
      'HOME',
      'DENO_NO_UPDATE_CHECK',
      'DENO_NO_PACKAGE_JSON',
      'NO_COLOR',
    ]);
    expect(readdirSync(readlinkSync(`/proc/${pid}/cwd`))).to.deep.equal([]);
    expect(files.filter((path) => !/^\/(dev|proc|sys)\/|chain-processor-sandbox-/.test(path))).to.deep.equal(
      [],
    );
  });

  it('end by themselves when the worker is killed, even while code in them loops', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'killed-worker-'));
    const script = `
      import { SandboxPool } from ${JSON.stringify(new URL('../../src/sandbox/sandbox-pool.js', import.meta.url).href)};
      const sandbox = new SandboxPool({ temporaryFolder: ${JSON.stringify(folder)} });
      const node = { nodeId: 'n', nodeRevision: 1, language: 'javascript', config: {}, metadata: {}, position: 1, attempt: 1, timeoutMs: 60_000 };
      const trip = (code) => sandbox.run({ ownerId: 'o', executionId: 'e', input: '', nodes: [{ ...node, nodeId: code, code }] });
      await trip(${JSON.stringify(echo)});
      void trip('export default () => { while (true); }');
      setTimeout(() => console.log(sandbox.pids[0]), 200);
    `;
    const worker = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) =>
      worker.stdout.once('data', (text: Buffer) => resolve(Number(text))),
    );
    expect(isRunning(pid)).to.equal(true);

    worker.kill('SIGKILL');

    await until(() => !isRunning(pid));
    rmSync(folder, { recursive: true });
  });
});

describe('a runner that was taken over', function () {
  this.timeout(20_000);
  let folders: SandboxFolders;

  before(() => {
    folders = SandboxFolders.create(tmpdir());
  });

  after(() => {
    folders.remove();
  });

  function startHostile(fileName: string, startTimeoutMs = 5_000): Promise<RunnerProcess> {
    return RunnerProcess.start(
      {
        denoBinary: resolveDenoBinary(),
        mainModule: fileURLToPath(new URL(`attempts/runners/${fileName}`, sourceFolder)),
        workFolder: folders.work,
        cacheFolder: folders.createCache(),
        heapMiB: 64,
        maxResidentMiB: 512,
        maxOutputBytes: 1_048_576,
        maxIsolates: 4,
        startTimeoutMs,
      },
      new AbortController().signal,
    );
  }

  for (const fileName of ['forge-a-frame.js', 'announce-a-huge-frame.js', 'exit-with-success.js']) {
    it(`is killed, and its steps fail as crashed: ${fileName} (R2)`, async () => {
      const runner = await startHostile(fileName);

      const outcomes = await runner.startTrip(aTrip([aNode(echo)])).settled;
      await runner.ended;

      expect(failureOf(outcomes).reason).to.equal('NODE_CRASHED');
      expect(isRunning(runner.pid ?? 0)).to.equal(false);
    });
  }

  it('ends when what it reads is not authentic', async () => {
    const cacheFolder = folders.createCache();
    const denoBinary = resolveDenoBinary();
    const child = launchRunner({ denoBinary, workFolder: folders.work, cacheFolder, heapMiB: 64 });
    const payload = Buffer.from('{"type":"configure","maxOutputBytes":1,"maxIsolates":1}');
    const frame = Buffer.concat([Buffer.alloc(36), payload]);
    frame.writeUInt32BE(payload.length);

    child.stdin.write(Buffer.concat([randomBytes(64), frame]));
    const code = await new Promise((resolve) => child.once('exit', resolve));

    expect(code).to.equal(70);
  });

  it('is killed when a step is overdue and it says nothing (R3)', async () => {
    const runner = await startHostile('never-answers.js', 1_500);

    const outcomes = await runner.startTrip(aTrip([aNode(echo, { timeoutMs: 100 })])).settled;
    await runner.ended;

    expect(failureOf(outcomes).reason).to.equal('NODE_TIMEOUT');
    expect(isRunning(runner.pid ?? 0)).to.equal(false);
  });

  it('is killed when it never gets ready', async () => {
    const error = await startHostile('never-ready.js', 500).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(SandboxUnavailableError);
  });
});

describe('the import map of the runner', () => {
  it('refuses every builtin that this Deno has', async function () {
    this.timeout(20_000);
    const listing = fileURLToPath(new URL('attempts/runners/list-builtins.js', sourceFolder));
    const deno = spawn(resolveDenoBinary(), ['run', '--quiet', '--no-prompt', '--no-config', listing], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let listed = '';
    for await (const text of deno.stdout.setEncoding('utf8')) listed += String(text);
    const map: unknown = JSON.parse(readFileSync(new URL('import-map.json', runnerFolder), 'utf8'));

    const builtins = listed
      .trim()
      .split('\n')
      .map((name) => `node:${name.replace(/^node:/, '')}`);

    expect(builtins).to.include('node:fs');
    expect(map)
      .to.have.property('imports')
      .that.includes.all.keys(...builtins);
  });
});
