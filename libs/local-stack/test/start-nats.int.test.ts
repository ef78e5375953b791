import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { connect, StringCodec, type NatsConnection } from 'nats';
import { DirectoryInUseError, startNats, type LocalNats } from '../src/index.js';
import { catchRejection } from './catch-rejection.js';
import { occupyPort } from './occupy-port.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const NO_SUCH_PID = 4_194_305;
const text = StringCodec();

describe('startNats', function () {
  this.timeout(120_000);

  let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
  let storeDirectory: string;
  let lines: string[];
  const running: LocalNats[] = [];
  const connections: NatsConnection[] = [];

  const start = async (options: Partial<Parameters<typeof startNats>[0]> = {}) => {
    const log = (line: string) => lines.push(line);
    const cacheDirectory = join(folder.path, 'cache');
    const nats = await startNats({ storeDirectory, cacheDirectory, log, ...options });
    running.push(nats);
    return nats;
  };
  const connectTo = async ({ host, port, user, password }: LocalNats) => {
    const connection = await connect({ servers: `${host}:${port}`, user, pass: password, reconnect: false });
    connections.push(connection);
    return connection;
  };

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    storeDirectory = join(folder.path, 'nats');
    lines = [];
  });

  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close();
    for (const nats of running.splice(0)) await nats.stop();
    await folder.remove();
  });

  it('keeps the messages of a stream over a restart', async () => {
    const first = await start();
    const publisher = await connectTo(first);
    await (await publisher.jetstreamManager()).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await publisher.jetstream().publish('kept.one', text.encode('still here'));
    await publisher.close();
    await first.stop();

    const second = await start();
    const reader = await (await connectTo(second)).jetstreamManager();
    const message = await reader.streams.getMessage('KEPT', { last_by_subj: 'kept.one' });

    expect(text.decode(message.data)).to.equal('still here');
  });

  it('keeps acknowledged messages when its server is killed', async () => {
    const first = await start();
    const publisher = await connectTo(first);
    await (await publisher.jetstreamManager()).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await publisher.jetstream().publish('kept.one', text.encode('still here'));
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await first.stop();

    const second = await start();
    const reader = await (await connectTo(second)).jetstreamManager();

    expect((await reader.streams.info('KEPT')).state.messages).to.equal(1);
  });

  it('lets nobody in without the password, which only its owner may read', async () => {
    const nats = await start();

    const error = await catchRejection(connectTo({ ...nats, password: 'guessed' }));

    expect(error).to.include({ code: 'AUTHORIZATION_VIOLATION' });
    for (const suffix of ['conf', 'password']) {
      expect((await stat(`${storeDirectory}.${suffix}`)).mode & 0o777).to.equal(0o600);
    }
  });

  it('takes another port when the preferred one is taken', async () => {
    const taken = await occupyPort();

    const nats = await start({ preferredPort: taken.port });
    await taken.release();

    expect(nats.port).not.to.equal(taken.port);
  });

  it('stops a server whose launcher was killed and starts a new one on the same data', async () => {
    const orphan = await start();
    await writeFile(`${storeDirectory}.owner`, `${NO_SUCH_PID} somebody\n`);

    const second = await start();
    await orphan.exited;

    expect((await connectTo(second)).info?.server_name).to.equal(second.serverName);
    expect(lines.join('\n')).to.contain('stopping the server of an earlier run');
  });

  it('leaves a server alone whose launcher still runs', async () => {
    const first = await start();

    const error = await catchRejection(start());

    expect(error).to.be.instanceOf(DirectoryInUseError);
    expect((await connectTo(first)).info?.server_name).to.equal(first.serverName);
  });
});
