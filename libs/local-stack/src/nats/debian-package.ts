import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readHostEnvironment } from '../host/config.js';
import { findExecutable } from '../host/find-executable.js';
import type { LogLine } from '../host/log-line.js';
import { runCommand, runSuccessfully } from '../process/run-command.js';
import { installProgram } from './install-program.js';

/**
 * Takes nats-server out of Debian's (or Ubuntu's) package, without installing it and without being root; apt checks the
 * archive's signatures. Returns the path in `targetFolder`, or undefined where there is no apt or it has no such package.
 *
 * A slim image comes without package lists. They are then fetched into the cache folder, so that neither root's nor anybody
 * else's apt state is changed.
 */
export async function unpackDebianPackage({
  targetFolder,
  log,
  signal,
}: {
  readonly targetFolder: string;
  readonly log: LogLine;
  readonly signal: AbortSignal | undefined;
}): Promise<string | undefined> {
  const { executableFolders: folders, toolVariables: env } = readHostEnvironment();
  const aptGet = await findExecutable({ name: 'apt-get', folders });
  const dpkgDeb = await findExecutable({ name: 'dpkg-deb', folders });
  if (aptGet === undefined || dpkgDeb === undefined) return undefined;

  await mkdir(targetFolder, { recursive: true });
  const work = await mkdtemp(join(targetFolder, 'debian-'));
  const run = { env, cwd: work, ...(signal === undefined ? {} : { signal }) };
  // As root apt hands downloads to a user that may not be able to enter the cache folder.
  const asCaller = ['-o', 'APT::Sandbox::User=root'];
  const download = (options: readonly string[]) =>
    runCommand({ ...run, command: aptGet, args: ['download', 'nats-server', ...asCaller, ...options] });
  try {
    log('NATS: downloading the nats-server package with apt-get');
    let result = await download([]);
    if (result.exitCode !== 0) {
      log('NATS: fetching package lists first, into the cache folder');
      const privateState = await makePrivateState(work);
      // One repository out of reach makes the update fail although the others were read: the download decides.
      await runCommand({ ...run, command: aptGet, args: ['update', ...asCaller, ...privateState] });
      result = await download(privateState);
    }
    const archive = (await readdir(work)).find((name) => /^nats-server_.*\.deb$/.test(name));
    if (result.exitCode !== 0 || archive === undefined) {
      log(`NATS: apt-get has no nats-server: ${result.output.trim().split('\n').at(-1) ?? ''}`);
      return undefined;
    }
    await runSuccessfully({ ...run, command: dpkgDeb, args: ['-x', archive, 'unpacked'] });
    return await installProgram({ source: join(work, 'unpacked/usr/sbin/nats-server'), targetFolder });
  } finally {
    await rm(work, { recursive: true });
  }
}

async function makePrivateState(work: string): Promise<string[]> {
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  return [
    ...['-o', `Dir::State::lists=${join(work, 'lists')}`],
    ...['-o', `Dir::Cache=${join(work, 'cache')}`],
    ...['-o', 'Acquire::Languages=none'],
  ];
}
