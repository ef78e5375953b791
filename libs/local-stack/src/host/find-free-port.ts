import { createServer } from 'node:net';
import { isSystemError } from './is-system-error.js';

/** The only address that anything of the local stack listens on. */
export const LOOPBACK_HOST = '127.0.0.1';

/** Ports that the system chose for an earlier call and that their caller may not have bound yet. */
const handedOut = new Set<number>();

/**
 * A TCP port that was free on 127.0.0.1 a moment ago: `preferred` if it is one, else one that the system chooses.
 * A port that the system chose is never returned twice by one process. Another process can still take the port before the
 * caller binds it, so a caller must be ready to ask again.
 */
export async function findFreePort({ preferred }: { readonly preferred?: number } = {}): Promise<number> {
  if (preferred !== undefined && (await tryToBind(preferred)) !== undefined) return preferred;
  for (;;) {
    const port = await tryToBind(0);
    if (port === undefined) throw new Error(`No free TCP port on ${LOOPBACK_HOST}`);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    return port;
  }
}

function tryToBind(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (isSystemError(error, 'EADDRINUSE', 'EACCES')) resolve(undefined);
      else reject(error);
    });
    server.listen({ host: LOOPBACK_HOST, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : undefined);
      });
    });
  });
}
