import { once } from 'node:events';
import { createServer } from 'node:net';
import { LOOPBACK_HOST } from '../src/index.js';

/** Listens on a port that the system chooses, so that nobody else can. */
export async function occupyPort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer();
  server.listen({ host: LOOPBACK_HOST, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
