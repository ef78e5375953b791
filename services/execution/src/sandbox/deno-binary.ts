import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SandboxUnavailableError } from './sandbox-unavailable-error.js';

/**
 * The Deno executable of the `deno` package. The package's own command is a Node script that spawns this one, which would
 * cost a second process and its start on every runner.
 *
 * @throws SandboxUnavailableError when the package has no executable for this platform or it is not installed.
 */
export function resolveDenoBinary(platform = process.platform, arch = process.arch): string {
  // Deno is built against glibc only; on musl the file is there and does not start, which the spawn reports.
  const target = `${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
  try {
    // The executable's package is a dependency of `deno`, so it is looked up from there: npm need not hoist it.
    const denoPackage = createRequire(import.meta.url).resolve('deno/package.json');
    const binaryPackage = createRequire(denoPackage).resolve(`@deno/${target}/package.json`);
    const binary = join(dirname(binaryPackage), platform === 'win32' ? 'deno.exe' : 'deno');
    accessSync(binary, constants.X_OK);
    return binary;
  } catch (error) {
    throw new SandboxUnavailableError(
      `the Deno executable for ${target} is not installed; run npm ci with optional dependencies`,
      error,
    );
  }
}
