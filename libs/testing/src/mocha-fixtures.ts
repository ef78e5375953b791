import { stopTestServers } from './test-servers.js';

/** For mocha's `--require`: stops the shared servers after the last test of the run. */
export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestServers();
}
