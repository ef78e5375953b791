import { join } from 'node:path';
import { readHostEnvironment } from '../host/config.js';
import { findExecutable, isExecutable } from '../host/find-executable.js';
import type { LogLine } from '../host/log-line.js';
import { unpackDebianPackage } from './debian-package.js';
import { cachedProgramIn } from './install-program.js';
import {
  isAtLeast,
  OLDEST_USABLE,
  readNatsServerVersion,
  type NatsServerVersion,
} from './nats-server-version.js';
import { downloadRelease, findOfficialRelease, type NatsRelease } from './official-release.js';

/** A nats-server program that can be run. */
export interface NatsServerProgram {
  readonly path: string;
  readonly version: NatsServerVersion;
}

/** There is no usable nats-server on this machine and none could be fetched. */
export class NatsServerMissingError extends Error {
  override readonly name = 'NatsServerMissingError';

  constructor({ cause }: { readonly cause?: unknown }) {
    super(
      `No nats-server ${OLDEST_USABLE.major}.${OLDEST_USABLE.minor} or newer was found on PATH, and none could be fetched. ` +
        'Install it and start again: "apt-get install nats-server" on Debian or Ubuntu, "brew install nats-server" on macOS, ' +
        'or put the program from https://github.com/nats-io/nats-server/releases into a folder on PATH.',
      { cause },
    );
  }
}

/**
 * Finds nats-server, in this order: on PATH; fetched earlier into the cache; Debian's package; the official release with a pinned
 * checksum. Fails with NatsServerMissingError, which says what to install.
 */
export async function findNatsServer({
  cacheDirectory,
  log,
  signal,
  searchFolders = readHostEnvironment().executableFolders,
  release = findOfficialRelease(),
}: {
  readonly cacheDirectory: string;
  readonly log: LogLine;
  readonly signal?: AbortSignal;
  /** Where an installed program is looked for. Default: PATH and the system's folders. */
  readonly searchFolders?: readonly string[];
  /** The last resort. Default: the pinned release for this platform. */
  readonly release?: NatsRelease | undefined;
}): Promise<NatsServerProgram> {
  const targetFolder = join(cacheDirectory, 'nats-server');
  const installed = await findExecutable({ name: 'nats-server', folders: searchFolders });
  const known = [installed, cachedProgramIn(targetFolder)].filter((path) => path !== undefined);
  for (const path of known) {
    const program = (await isExecutable(path)) ? await checkProgram(path, log) : undefined;
    if (program !== undefined) return program;
  }

  const fetched = await unpackDebianPackage({ targetFolder, log, signal });
  const program = fetched === undefined ? undefined : await checkProgram(fetched, log);
  if (program !== undefined) return program;
  if (release === undefined) throw new NatsServerMissingError({});
  let path: string;
  try {
    path = await downloadRelease({ release, targetFolder, log, signal });
  } catch (error) {
    throw new NatsServerMissingError({ cause: error });
  }
  const downloaded = await checkProgram(path, log);
  if (downloaded === undefined) throw new NatsServerMissingError({});
  return downloaded;
}

async function checkProgram(path: string, log: LogLine): Promise<NatsServerProgram | undefined> {
  const version = await readNatsServerVersion(path);
  if (version !== undefined && isAtLeast(version, OLDEST_USABLE)) return { path, version };
  log(`NATS: ${path} is not usable (version ${version?.text ?? 'unknown'})`);
  return undefined;
}
