import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import { connectNats } from '../src/index.js';
import { eventually, recordingLog, TestNats } from './test-servers.js';

describe('the link to NATS', function () {
  this.timeout(60_000);
  let server: TestNats;

  before(async () => {
    server = await TestNats.start();
  });

  afterEach(() => server.endTest());

  after(() => server.close());

  it('opens while NATS is down and is connected when NATS comes up', async () => {
    await server.stopServer();
    const log = recordingLog();
    const nats = await server.connect({ isUp: false, log });
    let connections = 0;
    nats.onConnected(() => (connections += 1));

    const before = nats.connection();
    await eventually('a try has failed', () => log.lines.length > 0);
    await server.startServer();
    const connection = await nats.whenConnected();

    expect(before).to.equal(undefined);
    expect(connection?.isClosed()).to.equal(false);
    expect(connections).to.equal(1);
    expect(log.lines.map(({ message }) => message)).to.deep.equal([
      'outage began, will keep trying',
      'outage ended',
    ]);
  });

  it('reconnects by itself and tells its listeners', async () => {
    const nats = await server.connect();
    let connections = 0;
    nats.onConnected(() => (connections += 1));

    await server.stopServer();
    await eventually('the loss is noticed', () => nats.connection() === undefined);
    await server.startServer();

    await eventually('it is connected again', () => nats.connection() !== undefined && connections === 1);
  });

  it('closes at once while it has never been connected, and whoever waits gets nothing', async () => {
    await server.stopServer();
    const nats = await server.connect({ isUp: false });
    const waiting = nats.whenConnected();

    await nats.close();

    expect(await waiting).to.equal(undefined);
    await server.startServer();
  });

  it('keeps trying a server that refuses it, and shows no password in the log', async () => {
    const sockets = new Set<Socket>();
    const refusing = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.write('INFO {"server_id":"x","version":"2.9.10","max_payload":1048576,"headers":true}\r\n');
      socket.once('data', () => socket.end("-ERR 'Authorization Violation'\r\n"));
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    server.onTestEnd(() => {
      for (const socket of sockets) socket.destroy();
      refusing.close();
    });
    const { port } = refusing.address() as AddressInfo;
    const log = recordingLog();
    const nats = await connectNats({
      url: `nats://somebody:secret-password@127.0.0.1:${port}`,
      name: 'test',
      log,
      onClosed: () => undefined,
    });
    server.onTestEnd(() => nats.close());

    await eventually('it was tried twice', () => sockets.size >= 2);

    const written = log.lines.map(({ fields }) => Object.values(fields).map(String).join());
    expect(written.join()).to.include('uthorization').and.not.include('secret-password');
  });
});
