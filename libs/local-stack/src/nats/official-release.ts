import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHostEnvironment } from '../host/config.js';
import type { LogLine } from '../host/log-line.js';
import { runSuccessfully } from '../process/run-command.js';
import { installProgram } from './install-program.js';

/** One archive of a nats-server release. */
export interface NatsRelease {
  readonly url: string;
  /** Of the archive, in hexadecimal. */
  readonly sha256: string;
  /** The program's path in the archive. */
  readonly program: string;
}

const VERSION = '2.12.15';

/**
 * SHA-256 of the release's archives, as the NATS maintainers pin them for their own container image: nats-io/nats-docker,
 * 2.12.x/alpine3.22/Dockerfile of release 2.12.15. That file lists Linux only; on macOS `brew install nats-server` serves.
 */
const CHECKSUMS: Readonly<Record<string, string>> = {
  'linux-amd64': '58ab8131f819263897e2fc38e503e1b755b63bcafeecc7d12582487df48ca15e',
  'linux-arm64': 'b724db99fefbf8f5c808baa82819ee50350aee9734017e4a478f7e545cef3ab6',
};
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const DOWNLOAD_TIMEOUT_MS = 120_000;

/** The pinned release for a platform; undefined where no checksum is known. */
export function findOfficialRelease({
  platform = process.platform,
  architecture = process.arch,
}: { readonly platform?: string; readonly architecture?: string } = {}): NatsRelease | undefined {
  const target = `${platform}-${ARCHITECTURES[architecture] ?? architecture}`;
  const sha256 = CHECKSUMS[target];
  if (sha256 === undefined) return undefined;
  const name = `nats-server-v${VERSION}-${target}`;
  return {
    url: `https://github.com/nats-io/nats-server/releases/download/v${VERSION}/${name}.tar.gz`,
    sha256,
    program: `${name}/nats-server`,
  };
}

/** Downloads a release into `targetFolder` and returns the program's path. Nothing is unpacked before the checksum is right. */
export async function downloadRelease({
  release,
  targetFolder,
  log,
  signal,
}: {
  readonly release: NatsRelease;
  readonly targetFolder: string;
  readonly log: LogLine;
  readonly signal: AbortSignal | undefined;
}): Promise<string> {
  log(`NATS: downloading ${release.url}`);
  const signals = [AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS), ...(signal === undefined ? [] : [signal])];
  const response = await fetch(release.url, { signal: AbortSignal.any(signals) });
  if (!response.ok) throw new Error(`${release.url} answered ${response.status}`);
  const archive = Buffer.from(await response.arrayBuffer());
  const sha256 = createHash('sha256').update(archive).digest('hex');
  if (sha256 !== release.sha256) {
    throw new Error(`${release.url} has the SHA-256 ${sha256}, but ${release.sha256} was expected: not used`);
  }

  await mkdir(targetFolder, { recursive: true });
  const work = await mkdtemp(join(targetFolder, 'release-'));
  try {
    await writeFile(join(work, 'archive.tar.gz'), archive);
    await runSuccessfully({
      command: 'tar',
      args: ['-xzf', 'archive.tar.gz', release.program],
      env: readHostEnvironment().toolVariables,
      cwd: work,
    });
    return await installProgram({ source: join(work, release.program), targetFolder });
  } finally {
    await rm(work, { recursive: true });
  }
}
