import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadHostVariables } from './config.js';

type Program = 'start' | 'demo';

/** A launcher that runs as npm would run it. */
interface Launched {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: { stdout: string; stderr: string };
  readonly exitCode: Promise<number | null>;
}

describe('the launcher', function () {
  this.timeout(120_000);
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'chain-processor-launcher-'));
  });
  after(() => rm(directory, { recursive: true }));

  function launch(program: Program, ...args: string[]): Launched {
    const main = fileURLToPath(new URL(`../../../tools/launcher/dist/src/${program}.js`, import.meta.url));
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...loadHostVariables(), LOCAL_DIRECTORY: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const exitCode = once(child, 'close').then(() => child.exitCode);
    return { child, output, exitCode };
  }

  async function launchUntilUp(): Promise<Launched> {
    const launched = launch('start');
    await until(() => {
      if (launched.child.exitCode !== null) throw new Error(`it ended: ${launched.output.stderr}`);
      return launched.output.stdout.includes('Ctrl-C stops it.');
    });
    return launched;
  }

  it('runs the demo on a text, ends, and says the result last', async () => {
    const { output, exitCode } = launch('demo', 'One two, & three!');

    expect([await exitCode, output.stderr]).to.deep.equal([0, '']);
    expect(output.stdout.trimEnd().split('\n').at(-1)).to.equal('Word count: 3');
    expect(output.stdout).to.match(
      /Admin: admin@chain-processor\.local with password \S{20,} \(shown this once/,
    );
  });

  it('ends with an error when the text cannot be run', async () => {
    const { output, exitCode } = launch('demo', '');

    expect(await exitCode).to.equal(1);
    expect(output.stderr).to.include('FIELD_INVALID');
    expect(output.stdout.trimEnd().split('\n').at(-1)).to.not.include('Word count');
  });

  it('stays up, serves the demo to others, and stops everything at Ctrl-C', async () => {
    const { child, output, exitCode } = await launchUntilUp();
    const pids = await pidsIn(directory);
    expect((await stat(join(directory, 'stack.json'))).mode & 0o777).to.equal(0o600);
    expect(output.stdout).to.include('Result: Word count: 3').and.to.not.include('with password');

    const second = launch('start');
    expect(await second.exitCode).to.equal(1);
    expect(second.output.stderr).to.include('in use by process').and.to.include('npm run demo');
    const guest = launch('demo', 'guest');
    expect(await guest.exitCode).to.equal(0);
    expect(guest.output.stdout).to.not.include('PostgreSQL');

    child.kill('SIGINT');
    expect(await exitCode).to.equal(0);
    expect(pids.filter(isAlive)).to.deep.equal([]);
    expect(await stat(join(directory, 'stack.json')).catch(() => undefined)).to.equal(undefined);
  });

  it('reports a process that dies, with its last words, and stops the others', async () => {
    const { output, exitCode } = await launchUntilUp();
    const pids = await pidsIn(directory);
    const { services } = await readStack(directory);

    process.kill(services.catalog.pid, 'SIGKILL');

    expect(await exitCode).to.equal(1);
    expect(output.stderr)
      .to.include('catalog failed: it ended unexpectedly (SIGKILL)')
      .and.to.include('"msg":');
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  // Elsewhere the next start stops what is left; only Linux can promise this much.
  const onLinux = process.platform === 'linux' ? it : () => undefined;
  onLinux('leaves no process behind when it is killed, and starts again', async () => {
    const { child, exitCode } = await launchUntilUp();
    const pids = await pidsIn(directory);

    child.kill('SIGKILL');
    await exitCode;
    await until(() => !pids.some(isAlive));

    const next = launch('demo', 'after the kill');
    expect([await next.exitCode, next.output.stderr]).to.deep.equal([0, '']);
  });
});

interface StackFile {
  readonly pid: number;
  readonly services: Readonly<Record<'identity' | 'catalog' | 'execution', { readonly pid: number }>>;
  readonly postgres: { readonly pid: number };
  readonly nats: { readonly pid: number };
}

/** As a script would read it. */
async function readStack(directory: string): Promise<StackFile> {
  return JSON.parse(await readFile(join(directory, 'stack.json'), 'utf8')) as StackFile;
}

async function pidsIn(directory: string): Promise<number[]> {
  const { services, postgres, nats } = await readStack(directory);
  return [postgres, nats, ...Object.values(services)].map(({ pid }) => pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits for a condition that no event announces; mocha's own limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(50);
}
