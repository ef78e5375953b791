import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';

/** A TCP proxy that can fall silent as a broken network does: connections stay open and nothing arrives any more. */
export interface StallingProxy {
  readonly port: number;
  /** From now on nothing passes on the connections that exist; new ones work. */
  stall(): void;
  close(): Promise<void>;
}

/** Forwards from a free port on loopback to `host:port`. */
export async function startStallingProxy(target: { host: string; port: number }): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // Resets are what the test is about; the side that matters sees them itself.
      socket.on('error', () => socket.destroy());
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    stall: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
