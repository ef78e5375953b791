import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Readable, Writable } from 'node:stream';

export type RunnerChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** The runner is plain source that Deno reads as it is; from `dist/src/sandbox` as from `src/sandbox` it lies beside `src`. */
const RUNNER_FOLDER = import.meta.url.includes('/dist/src/sandbox/') ? '../../../runner/' : '../../runner/';

export interface RunnerLaunchOptions {
  readonly denoBinary: string;
  /** Empty and not writable; the process works there. */
  readonly workFolder: string;
  /** Private to this process; Deno keeps its caches there and nothing else does. */
  readonly cacheFolder: string;
  /** V8's limit for the old generation of each isolate, in MiB. */
  readonly heapMiB: number;
  /** The program to run. Default the trusted runner; tests put a hostile one in its place. */
  readonly mainModule?: string;
}

/**
 * Starts Deno with the trusted runner as its main module and no permission at all.
 *
 * The import map refuses every `node:` builtin to user code: without it they can be imported without a permission, and
 * through them an isolate reaches the process's stdin, stdout and exit. `--deny-import`, `--no-remote`, `--no-npm` and
 * `--cached-only` each refuse remote code on their own.
 */
export function launchRunner({
  denoBinary,
  workFolder,
  cacheFolder,
  heapMiB,
  mainModule = fileURLToPath(new URL(`${RUNNER_FOLDER}main.ts`, import.meta.url)),
}: RunnerLaunchOptions): RunnerChild {
  const importMap = fileURLToPath(new URL(`${RUNNER_FOLDER}import-map.json`, import.meta.url));
  const flags = [
    '--quiet',
    '--no-prompt',
    '--no-remote',
    '--no-npm',
    '--deny-import',
    '--cached-only',
    '--no-config',
    '--no-lock',
    '--no-code-cache',
    `--import-map=${importMap}`,
    `--v8-flags=--max-old-space-size=${heapMiB}`,
  ];
  return spawn(denoBinary, ['run', ...flags, mainModule], {
    cwd: workFolder,
    // HOME is set because Deno would otherwise ask the user database for one and read an .npmrc there.
    env: {
      DENO_DIR: cacheFolder,
      HOME: cacheFolder,
      DENO_NO_UPDATE_CHECK: '1',
      DENO_NO_PACKAGE_JSON: '1',
      NO_COLOR: '1',
    },
    // A process group of its own, so that a kill reaches whatever it may have started and a Ctrl-C reaches only us.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
