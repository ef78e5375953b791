import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { createDatabase } from '@chain-processor/db';
import { createTestDatabase } from '../src/test-database.js';
import { stopTestServers, testServers } from '../src/test-servers.js';

describe('testServers', () => {
  it('starts each server once, however many ask', async () => {
    const [first, second] = await Promise.all([testServers().postgres(), testServers().postgres()]);

    expect(second).to.equal(first);
  });

  it('starts a NATS server that greets', async () => {
    const { host, port } = await testServers().nats();
    const socket = connect({ host, port });

    const data: unknown[] = await once(socket.setEncoding('utf8'), 'data');
    socket.destroy();

    expect(data[0]).to.match(/^INFO .*"jetstream":true/);
  });

  it('stops what runs, and starts anew when asked again', async () => {
    const stopped = await testServers().postgres();

    await stopTestServers();
    await stopTestServers();

    expect(await stopped.exited).to.be.an('object');
    const { pid } = await testServers().postgres();
    expect(pid).to.not.equal(stopped.pid);
  });
});

describe('createTestDatabase', () => {
  it('gives everyone a migrated database of his own', async () => {
    const [one, two] = await Promise.all([
      createTestDatabase({ service: 'execution' }),
      createTestDatabase({ service: 'execution' }),
    ]);
    const first = createDatabase({ url: one.url, applicationName: 'test', poolMax: 1 });
    const second = createDatabase({ url: two.url, applicationName: 'test', poolMax: 1 });

    await first.query(
      "insert into workers (id, host_name, process_id) values (gen_random_uuid(), 'host', 1)",
    );

    expect(await first.query('select from workers')).to.have.length(1);
    expect(await second.query('select from workers')).to.be.empty;
    await Promise.all([first.close(), second.close()]);
    await Promise.all([one.drop(), two.drop()]);
  });
});
