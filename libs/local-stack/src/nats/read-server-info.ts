import { connect } from 'node:net';
import { LOOPBACK_HOST } from '../host/find-free-port.js';

/** What a nats-server says of itself to whoever connects. */
export interface NatsServerInfo {
  readonly serverName: string;
  readonly version: string;
  readonly hasJetStream: boolean;
}

const TIMEOUT_MS = 2_000;

/** Connects and reads the server's greeting; undefined while nobody answers or it is no nats-server. */
export function readServerInfo(port: number): Promise<NatsServerInfo | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK_HOST, port });
    let received = '';
    const finish = (info: NatsServerInfo | undefined) => {
      socket.destroy();
      resolve(info);
    };
    socket.setTimeout(TIMEOUT_MS, () => finish(undefined));
    // Nobody listens yet, or the connection was cut: the caller asks again.
    socket.on('error', () => finish(undefined));
    socket.on('end', () => finish(undefined));
    socket.on('data', (chunk) => {
      received += chunk.toString('utf8');
      if (received.includes('\r\n')) finish(parseInfo(received.slice(0, received.indexOf('\r\n'))));
    });
  });
}

function parseInfo(line: string): NatsServerInfo | undefined {
  if (!line.startsWith('INFO ')) return undefined;
  const info: unknown = JSON.parse(line.slice('INFO '.length));
  if (typeof info !== 'object' || info === null) return undefined;
  if (!('server_name' in info && typeof info.server_name === 'string')) return undefined;
  if (!('version' in info && typeof info.version === 'string')) return undefined;
  return {
    serverName: info.server_name,
    version: info.version,
    hasJetStream: 'jetstream' in info && info.jetstream === true,
  };
}
