import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ProcessFailedError, startProcess } from '../src/index.js';
import { waitUntil } from '../src/host/wait-until.js';
import { readProcessIdentity } from '../src/process/process-table.js';
import { catchRejection } from './catch-rejection.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const hasSaid = (word: string) => (supervised: { lastOutput(): string }) =>
  supervised.lastOutput().includes(word);
const shell = (script: string) => ({
  name: 'example',
  command: '/bin/sh',
  args: ['-c', script],
  env: { PATH: '/usr/bin:/bin' },
  stopTimeoutMs: 10_000,
});

describe('startProcess', function () {
  this.timeout(30_000);

  it('returns when the process is ready and stops it politely', async () => {
    const script = 'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const supervised = await startProcess({ ...shell(script), readyWhen: hasSaid('ready') });

    const status = await supervised.stop();

    expect(status).to.deep.equal({ code: 3, signal: null });
    expect(supervised.lastOutput()).to.equal('ready\nbye');
  });

  it('reports the last output of a process that dies before it is ready', async () => {
    const script = 'for line in $(seq 1 100); do echo line $line; done; echo the reason >&2; exit 7';

    const error = await catchRejection(startProcess({ ...shell(script), readyWhen: () => false }));

    expect(error).to.be.instanceOf(ProcessFailedError).and.include({ processName: 'example' });
    expect(error.message).to.contain('exit code 7').and.contain('line 100\nthe reason');
    expect(error.message).not.to.contain('line 1\n');
  });

  it('stops a process that is not ready in time', async () => {
    let pid = 0;
    const start = startProcess({
      ...shell('echo starting; exec sleep 600'),
      readyTimeoutMs: 200,
      readyWhen: (supervised) => {
        pid = supervised.pid;
        return false;
      },
    });

    const error = await catchRejection(start);

    expect(error.message).to.contain('not ready within 200 ms').and.contain('starting');
    expect(await readProcessIdentity(pid)).to.equal(undefined);
  });

  it('kills a process that ignores the signal to stop', async () => {
    const script = 'trap "" TERM; echo ready; while :; do sleep 0.05; done';
    const supervised = await startProcess({
      ...shell(script),
      stopTimeoutMs: 200,
      readyWhen: hasSaid('ready'),
    });

    expect(await supervised.stop()).to.deep.equal({ code: null, signal: 'SIGKILL' });
  });

  it('names a program that does not exist', async () => {
    const options = { ...shell(''), command: '/nowhere/program' };

    const error = await catchRejection(startProcess({ ...options, readyWhen: () => true }));

    expect(error.message).to.contain('/nowhere/program is not an executable file');
  });

  it('stops the process when the start is aborted', async () => {
    const abort = new AbortController();
    let pid = 0;
    const start = startProcess({
      ...shell('exec sleep 600'),
      signal: abort.signal,
      readyWhen: (supervised) => {
        pid = supervised.pid;
        abort.abort();
        return false;
      },
    });

    const error = await catchRejection(start);

    expect(error.name).to.equal('AbortError');
    expect(await readProcessIdentity(pid)).to.equal(undefined);
  });

  it('appends the output to the log file and quotes only what this process wrote', async () => {
    const folder = await makeTemporaryFolder();
    const logFile = join(folder.path, 'example.log');
    const runOnce = async (word: string) => {
      const options = { ...shell(`echo ${word}; exec sleep 600`), logFile, readyWhen: hasSaid(word) };
      const supervised = await startProcess(options);
      await supervised.stop();
      return supervised.lastOutput();
    };

    const first = await runOnce('one');
    const second = await runOnce('two');
    const log = await readFile(logFile, 'utf8');
    await folder.remove();

    expect([first, second]).to.deep.equal(['one', 'two']);
    expect(log).to.equal('one\ntwo\n');
  });

  it('is in a process group of its own, which Ctrl-C in the terminal does not reach', async () => {
    const supervised = await startProcess({
      ...shell('ps -o pgid= -p $$ || cut -d" " -f5 /proc/$$/stat; echo ready; exec sleep 600'),
      readyWhen: hasSaid('ready'),
    });

    const [group] = supervised.lastOutput().trim().split('\n');
    await supervised.stop();

    expect(Number(group)).to.equal(supervised.pid);
  });

  it('does not leave the process behind when the launcher is killed', async function () {
    if (process.platform !== 'linux') this.skip();
    const launcher = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { startProcess } from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
       const options = { name: 'orphan', command: '/bin/sleep', args: ['600'], env: {}, stopTimeoutMs: 1000 };
       const { pid } = await startProcess({ ...options, readyWhen: () => true });
       console.log(pid);`,
    ]);
    const [output] = (await once(launcher.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    expect(await readProcessIdentity(pid)).not.to.equal(undefined);

    launcher.kill('SIGKILL');

    const isGone = async () => (await readProcessIdentity(pid)) === undefined;
    expect(await waitUntil({ condition: isGone, timeoutMs: 10_000 })).to.equal(true);
  });
});
