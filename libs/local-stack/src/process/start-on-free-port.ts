import { findFreePort } from '../host/find-free-port.js';
import { ProcessFailedError } from './process-failed-error.js';
import type { SupervisedProcess } from './start-process.js';

const ATTEMPTS = 5;

/**
 * Starts a server on the preferred port or a free one, and tries again on another when somebody else binds the port between the
 * check and the start: only the server itself can take a port without a race.
 */
export async function startOnFreePort({
  preferredPort,
  start,
}: {
  readonly preferredPort?: number;
  readonly start: (port: number) => Promise<SupervisedProcess>;
}): Promise<{ readonly server: SupervisedProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(
      attempt === 1 && preferredPort !== undefined ? { preferred: preferredPort } : {},
    );
    try {
      return { server: await start(port), port };
    } catch (error) {
      if (attempt === ATTEMPTS || !isPortTaken(error)) throw error;
    }
  }
}

/** Both servers pass the system's own message on. */
function isPortTaken(error: unknown): boolean {
  return error instanceof ProcessFailedError && /address already in use/i.test(error.lastOutput);
}
