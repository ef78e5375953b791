import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { claimDirectory, DirectoryInUseError } from '../src/host/claim-directory.js';
import { catchRejection } from './catch-rejection.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const RACER = fileURLToPath(new URL('claim-racer.js', import.meta.url));
const RACERS = 6;
const ROUNDS = 40;

describe('claimDirectory', () => {
  let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
  let directory: string;
  const racers: ChildProcess[] = [];

  const startRacer = () => {
    const racer = fork(RACER);
    racers.push(racer);
    return racer;
  };

  /** What a process leaves that is killed while it holds a claim. */
  const makeStaleRecord = async () => {
    const killed = startRacer();
    expect(await ask(killed, directory)).to.equal('claimed');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    return readFile(`${directory}.owner`, 'utf8');
  };

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    directory = join(folder.path, 'data');
  });

  afterEach(async () => {
    const running = racers
      .splice(0)
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      running.map((racer) => {
        racer.disconnect();
        return once(racer, 'exit');
      }),
    );
    await folder.remove();
  });

  it('gives the directory of a dead owner to exactly one of many processes', async () => {
    const stale = await makeStaleRecord();
    const contenders = Array.from({ length: RACERS }, startRacer);
    const losers = contenders.slice(1).map(() => 'in use');

    for (let round = 1; round <= ROUNDS; round += 1) {
      await writeFile(`${directory}.owner`, stale);
      // Every other time the process that was to take over died as well.
      if (round % 2 === 0) await writeFile(`${directory}.owner.takeover`, stale);

      const answers = await Promise.all(contenders.map((contender) => ask(contender, directory)));

      expect(answers.sort(), `round ${round}`).to.deep.equal(['claimed', ...losers]);
      await Promise.all(contenders.map((contender) => ask(contender, '')));
      expect(await readdir(folder.path)).to.deep.equal([]);
    }
  });

  it('refuses a directory whose owner lives, and gives it once the owner has released it', async () => {
    const owner = startRacer();
    await ask(owner, directory);

    const refusal = await catchRejection(claimDirectory(directory));
    await ask(owner, '');
    const claim = await claimDirectory(directory);
    await claim.release();

    expect(refusal).to.be.instanceOf(DirectoryInUseError).and.include({ directory, ownerPid: owner.pid });
  });

  it('releases its own claim only', async () => {
    const stale = await makeStaleRecord();
    const claim = await claimDirectory(directory);
    await writeFile(`${directory}.owner`, stale);

    await claim.release();

    expect(await readFile(`${directory}.owner`, 'utf8')).to.equal(stale);
  });
});

async function ask(racer: ChildProcess, question: string): Promise<unknown> {
  racer.send(question);
  const message: unknown[] = await once(racer, 'message');
  return message[0];
}
