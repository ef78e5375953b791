import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { DirectoryInUseError, startPostgres, type LocalPostgres } from '../src/index.js';
import { waitUntil } from '../src/host/wait-until.js';
import { readProcessIdentity } from '../src/process/process-table.js';
import { catchRejection } from './catch-rejection.js';
import { occupyPort } from './occupy-port.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** More than any pid that a Linux kernel hands out. */
const NO_SUCH_PID = 4_194_305;

describe('startPostgres', function () {
  this.timeout(120_000);

  let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
  let dataDirectory: string;
  let lines: string[];
  const running: LocalPostgres[] = [];

  const start = async (options: Partial<Parameters<typeof startPostgres>[0]> = {}) => {
    const log = (line: string) => lines.push(line);
    const postgres = await startPostgres({ dataDirectory, persistent: true, log, ...options });
    running.push(postgres);
    return postgres;
  };

  /** Leaves the directory as a crash does, with the pid of the given process in the pid file. */
  const leavePidFile = async (pid: number | undefined) => {
    const crashed = await start();
    const pidFile = join(dataDirectory, 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    await crashed.stop();
    await writeFile(pidFile, content.replace(/^\d+/, String(pid)));
  };

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    dataDirectory = join(folder.path, 'postgres');
    lines = [];
  });

  afterEach(async () => {
    for (const postgres of running.splice(0)) await postgres.stop();
    await folder.remove();
  });

  it('keeps the data of a persistent cluster over a restart', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();

    const second = await start();

    expect(await query(second, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }]);
    expect(lines.filter((line) => line.includes('creating a new cluster'))).to.have.length(1);
  });

  it('works in a folder that every user may enter', async () => {
    await chmod(folder.path, 0o755);

    const postgres = await start();

    expect(await query(postgres, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('writes safely to disk unless it is told otherwise', async () => {
    const postgres = await start();

    expect(await query(postgres, 'SHOW fsync')).to.deep.equal([{ fsync: 'on' }]);
    const error = await catchRejection(start({ fsync: false }));
    expect(error.message).to.contain('fsync');
  });

  it('lets nobody in without the password, which only its owner may read', async () => {
    const { adminUrl } = await start();
    const { mode } = await stat(`${dataDirectory}.password`);
    const url = new URL(adminUrl);
    url.password = 'guessed';

    const error = await catchRejection(connectOnce(url.href));

    expect(error).to.include({ code: '28P01' });
    expect(mode & 0o777).to.equal(0o600);
  });

  it('takes another port when the preferred one is taken', async () => {
    const taken = await occupyPort();

    const postgres = await start({ preferredPort: taken.port });
    await taken.release();

    expect(postgres.port).not.to.equal(taken.port);
  });

  it('recovers what was committed before its server was killed', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await first.stop();

    const second = await start();

    expect(await query(second, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }]);
  });

  it('stops a server whose launcher was killed and starts a new one on the same data', async () => {
    const orphan = await start();
    await writeFile(`${dataDirectory}.owner`, `${NO_SUCH_PID} somebody\n`);

    const second = await start();

    expect(await orphan.exited).to.deep.equal({ code: 0, signal: null });
    expect(await query(second, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    expect(lines.join('\n')).to.contain('stopping the server of an earlier run');
  });

  it('leaves a server alone whose launcher still runs', async () => {
    const first = await start();

    const error = await catchRejection(start());

    expect(error).to.be.instanceOf(DirectoryInUseError).and.include({ ownerPid: process.pid });
    expect(await query(first, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('starts although a leftover pid file names a process that is another program now', async () => {
    const stranger = spawn('sleep', ['600']);
    await leavePidFile(stranger.pid);

    const second = await start();
    stranger.kill();

    expect(await query(second, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('starts although a leftover pid file names a zombie that nobody reaps', async () => {
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 600']);
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(output.toString());
    const isDead = async () => (await readProcessIdentity(zombie)) === undefined;
    expect(await waitUntil({ condition: isDead, timeoutMs: 10_000 })).to.equal(true);
    await leavePidFile(zombie);

    const second = await start();
    parent.kill();

    expect(await query(second, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('says what to do about the data of another major version', async () => {
    await (await start()).stop();
    await writeFile(join(dataDirectory, 'PG_VERSION'), '15\n');

    const error = await catchRejection(start());

    expect(error.message).to.contain('was made by PostgreSQL 15').and.contain('delete the directory');
  });

  it('deletes a throw-away cluster at the stop', async () => {
    const postgres = await start({ persistent: false, fsync: false });
    expect(await query(postgres, 'SHOW fsync')).to.deep.equal([{ fsync: 'off' }]);

    await postgres.stop();

    expect(existsSync(dataDirectory)).to.equal(false);
  });

  it('never throws away a cluster that is meant to be kept', async () => {
    await (await start()).stop();

    const error = await catchRejection(start({ persistent: false }));

    expect(error.message).to.contain('meant to be kept');
    expect(existsSync(join(dataDirectory, 'PG_VERSION'))).to.equal(true);
  });

  it('gives up when aborted, and can be started again', async () => {
    const abort = new AbortController();
    abort.abort();

    const error = await catchRejection(start({ signal: abort.signal }));
    const second = await start();

    expect(error.name).to.equal('AbortError');
    expect(await query(second, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });
});

async function query({ adminUrl }: LocalPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client(adminUrl);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function connectOnce(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.end();
}
