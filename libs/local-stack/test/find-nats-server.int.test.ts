import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { LOOPBACK_HOST } from '../src/index.js';
import { readHostEnvironment } from '../src/host/config.js';
import { findExecutable } from '../src/host/find-executable.js';
import { findNatsServer } from '../src/nats/find-nats-server.js';
import { downloadRelease, findOfficialRelease } from '../src/nats/official-release.js';
import { runSuccessfully } from '../src/process/run-command.js';
import { catchRejection } from './catch-rejection.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const { executableFolders, toolVariables } = readHostEnvironment();
const nowhere: string[] = [];

describe('findNatsServer', function () {
  this.timeout(120_000);

  let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
  let lines: string[];
  const log = (line: string) => lines.push(line);

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    lines = [];
  });

  afterEach(() => folder.remove());

  it('takes the program out of the Debian package, and the next time out of the cache', async function () {
    if ((await findExecutable({ name: 'apt-get', folders: executableFolders })) === undefined) this.skip();
    const options = { cacheDirectory: folder.path, log, searchFolders: nowhere, release: undefined };

    const fetched = await findNatsServer(options);
    const fetchLines = lines.splice(0);
    const cached = await findNatsServer(options);

    expect(fetched.path.startsWith(folder.path)).to.equal(true);
    expect(fetchLines.join('\n')).to.contain('apt-get');
    expect(cached).to.deep.equal(fetched);
    expect(lines).to.deep.equal([]);
  });

  it('prefers an installed program, but passes over one that is too old', async () => {
    const { path } = await findNatsServer({ cacheDirectory: folder.path, log });
    const installed = join(folder.path, 'installed');
    const old = join(folder.path, 'old');
    await Promise.all([mkdir(installed), mkdir(old)]);
    await symlink(path, join(installed, 'nats-server'));
    await writeFile(join(old, 'nats-server'), '#!/bin/sh\necho nats-server: v2.1.9\n', { mode: 0o755 });
    const cacheDirectory = folder.path;

    const found = await findNatsServer({ cacheDirectory, log, searchFolders: [installed] });
    const instead = await findNatsServer({ cacheDirectory, log, searchFolders: [old], release: undefined });

    expect(found.path).to.equal(join(installed, 'nats-server'));
    expect(instead.path).not.to.contain(old);
    expect(lines.join('\n')).to.contain('not usable (version 2.1.9)');
  });

  it('downloads a release whose checksum is right and refuses one whose checksum is wrong', async () => {
    const { path, version } = await findNatsServer({ cacheDirectory: folder.path, log });
    const site = await serveArchiveOf(path, folder.path);
    const release = {
      url: site.url,
      sha256: site.sha256,
      program: join(basename(dirname(path)), basename(path)),
    };
    const targetFolder = join(folder.path, 'downloaded');
    const options = { targetFolder, log, signal: undefined };

    const tampered = await catchRejection(
      downloadRelease({ ...options, release: { ...release, sha256: '0'.repeat(64) } }),
    );
    const downloaded = await downloadRelease({ ...options, release });
    await site.close();

    expect(tampered.message).to.contain('not used');
    const answer = await runSuccessfully({ command: downloaded, args: ['--version'], env: toolVariables });
    expect(answer).to.contain(version.text);
  });

  it('knows the official release for 64-bit Linux and claims none where no checksum is known', () => {
    const release = findOfficialRelease({ platform: 'linux', architecture: 'x64' });

    expect(release?.url).to.match(/^https:\/\/github\.com\/nats-io\/nats-server\/.*linux-amd64\.tar\.gz$/);
    expect(release?.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(findOfficialRelease({ platform: 'darwin', architecture: 'arm64' })).to.equal(undefined);
  });
});

/** Serves a real program on loopback in the form of an official archive. */
async function serveArchiveOf(program: string, folder: string) {
  const archive = join(folder, 'archive.tar.gz');
  const source = dirname(program);
  await runSuccessfully({
    command: 'tar',
    args: ['-czf', archive, '-C', dirname(source), join(basename(source), basename(program))],
    env: toolVariables,
  });
  const content = await readFile(archive);
  const server = createServer((_request, response) => response.end(content));
  server.listen({ host: LOOPBACK_HOST, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://${LOOPBACK_HOST}:${address.port}/archive.tar.gz`,
    sha256: createHash('sha256').update(content).digest('hex'),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
