import { expect } from 'chai';
import { ServerError, Status } from 'nice-grpc-common';
import { RpcError, type ChainProcessorClient, type WatchOptions } from '../src/index.js';
import { startFakeServices, watchMessage, type FakeServices } from './fake-services.js';

describe('watch', () => {
  let services: FakeServices | undefined;

  afterEach(async () => {
    await services?.stop();
    services = undefined;
  });

  it('goes on after the last message when the service interrupts it', async () => {
    const asked: number[] = [];
    services = await startFakeServices({
      watchExecution: async function* ({ afterSequence }) {
        asked.push(afterSequence);
        yield watchMessage(afterSequence + 1);
        if (afterSequence + 1 === 3) return;
        throw new ServerError(Status.UNAVAILABLE, 'this server is shutting down');
      },
    });

    const sequences = await collect(services.client);

    expect(sequences).to.deep.equal([1, 2, 3]);
    expect(asked).to.deep.equal([0, 1, 2]);
  });

  it('goes on when the service itself is stopped and started again', async () => {
    const first = await startFakeServices({
      watchExecution: async function* (_request, { signal }) {
        yield watchMessage(1);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    services = first;
    const sequences: number[] = [];
    for await (const { sequence } of first.client.watch('execution')) {
      sequences.push(sequence);
      if (sequence > 1) continue;
      await first.stopServer();
      services = await startFakeServices(
        {
          watchExecution: async function* ({ afterSequence }) {
            yield watchMessage(afterSequence + 1);
          },
        },
        { port: first.port },
      );
    }

    expect(sequences).to.deep.equal([1, 2]);
    first.client.close();
  });

  it('drops messages that it has given out already', async () => {
    services = await startFakeServices({
      watchExecution: async function* () {
        for (const sequence of [1, 2, 2, 1, 3]) yield watchMessage(sequence);
      },
    });

    expect(await collect(services.client)).to.deep.equal([1, 2, 3]);
  });

  it('fails with an error that no new stream can help against', async () => {
    let streams = 0;
    services = await startFakeServices({
      // eslint-disable-next-line require-yield
      watchExecution: async function* () {
        streams += 1;
        throw new ServerError(Status.NOT_FOUND, 'there is no execution with this id');
      },
    });

    const error = await collect(services.client).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(RpcError).with.property('code', Status.NOT_FOUND);
    expect(streams).to.equal(1);
  });

  it('gives up when the service stays away for longer than it was told to wait', async () => {
    services = await startFakeServices({});
    await services.stopServer();

    const error = await collect(services.client, { reconnectForMs: 300 }).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(RpcError).with.property('code', Status.UNAVAILABLE);
  });

  it('ends when its caller has seen enough', async () => {
    let aborted: Promise<unknown> = Promise.resolve();
    services = await startFakeServices({
      watchExecution: async function* (_request, { signal }) {
        aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
        for (let sequence = 1; ; sequence += 1) {
          yield watchMessage(sequence);
          await new Promise(setImmediate);
        }
      },
    });

    for await (const { sequence } of services.client.watch('execution')) if (sequence === 2) break;

    await aborted;
  });
});

async function collect(client: ChainProcessorClient, options?: WatchOptions): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { sequence } of client.watch('execution', options)) sequences.push(sequence);
  return sequences;
}
