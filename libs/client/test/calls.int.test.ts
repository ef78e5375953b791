import { expect } from 'chai';
import { ServerError, Status } from 'nice-grpc-common';
import { BadRequest, ErrorInfo, RetryInfo, RichServerError } from 'nice-grpc-error-details';
import { RpcError } from '../src/index.js';
import { startFakeServices, type Behaviour, type FakeServices } from './fake-services.js';

describe('calls', () => {
  let services: FakeServices | undefined;

  async function start(behaviour: Partial<Behaviour>, timeoutMs = 10_000) {
    services = await startFakeServices(behaviour, { timeoutMs });
    return services.client;
  }

  afterEach(async () => {
    await services?.stop();
    services = undefined;
  });

  it('carry the access token and a request id', async () => {
    let authorization: string | undefined;
    let requestId: string | undefined;
    const client = await start({
      getNode: async (_request, { metadata }) => {
        authorization = metadata.get('authorization');
        requestId = metadata.get('x-request-id');
        return { node: undefined };
      },
    });

    await client.nodes.getNode({ nodeId: 'n' });

    expect(authorization).to.equal('Bearer token');
    expect(requestId).to.match(/^[0-9a-f-]{36}$/);
  });

  it('fail with everything that the service says about the failure', async () => {
    const client = await start({
      getNode: async () => {
        throw new RichServerError(Status.INVALID_ARGUMENT, 'node_id: must be a UUID', [
          ErrorInfo.fromPartial({
            reason: 'FIELD_INVALID',
            domain: 'chainprocessor',
            metadata: { fields: 'node_id' },
          }),
          BadRequest.fromPartial({ fieldViolations: [{ field: 'node_id', description: 'must be a UUID' }] }),
          RetryInfo.fromPartial({ retryDelay: { seconds: 1, nanos: 500_000_000 } }),
        ]);
      },
    });

    const error = await rpcErrorOf(client.nodes.getNode({ nodeId: 'n' }));

    expect(error).to.include({
      method: '/chainprocessor.catalog.v1.NodeService/GetNode',
      code: Status.INVALID_ARGUMENT,
      reason: 'FIELD_INVALID',
      message: 'node_id: must be a UUID',
      retryDelayMs: 1_500,
    });
    expect(error.metadata).to.deep.equal({ fields: 'node_id' });
    expect(error.fieldViolations).to.deep.equal([{ field: 'node_id', description: 'must be a UUID' }]);
    expect(error.requestId).to.match(/^[0-9a-f-]{36}$/);
  });

  it('refuse text that would not arrive as it is, before anything is sent', async () => {
    let calls = 0;
    const client = await start({
      startExecution: async () => {
        calls += 1;
        return {};
      },
    });

    const error = await rpcErrorOf(client.start({ strategyId: 's', inputText: 'a\udc00' }));

    expect(error).to.include({ code: Status.INVALID_ARGUMENT, reason: 'FIELD_INVALID' });
    expect(error.fieldViolations[0]?.field).to.equal('inputText');
    expect(calls).to.equal(0);
  });

  it('are made again after UNAVAILABLE, with the same request_id', async () => {
    const requestIds: string[] = [];
    const client = await start({
      createNode: async ({ requestId }) => {
        requestIds.push(requestId);
        if (requestIds.length < 3) throw new ServerError(Status.UNAVAILABLE, 'stopping');
        return {};
      },
    });

    await client.nodes.createNode({ node: { name: 'n' } });

    expect(requestIds).to.have.length(3);
    expect(new Set(requestIds)).to.have.length(1);
    expect(requestIds[0]).to.match(/^[0-9a-f-]{36}$/);
  });

  it('keep the request_id that the caller chose', async () => {
    let seen = '';
    const client = await start({
      startExecution: async ({ requestId }) => {
        seen = requestId;
        return { execution: { id: 'execution' } };
      },
    });

    await client.start({ strategyId: 's', inputText: 't', requestId: 'my-own' });

    expect(seen).to.equal('my-own');
  });

  it('are given up after five attempts', async () => {
    let attempts = 0;
    const client = await start({
      getNode: async () => {
        attempts += 1;
        throw new ServerError(Status.UNAVAILABLE, 'stopping');
      },
    });

    const error = await rpcErrorOf(client.nodes.getNode({ nodeId: 'n' }));

    expect(error).to.include({ code: Status.UNAVAILABLE, reason: 'UNAVAILABLE' });
    expect(attempts).to.equal(5);
  });

  for (const status of [Status.ABORTED, Status.INTERNAL, Status.UNKNOWN, Status.RESOURCE_EXHAUSTED]) {
    it(`are not made again after ${Status[status]}`, async () => {
      let attempts = 0;
      const client = await start({
        getNode: async () => {
          attempts += 1;
          throw new ServerError(status, 'no');
        },
      });

      const error = await rpcErrorOf(client.nodes.getNode({ nodeId: 'n' }));

      expect(error.code).to.equal(status);
      expect(attempts).to.equal(1);
    });
  }

  it('that are not idempotent are made once', async () => {
    let attempts = 0;
    const client = await start({
      login: async () => {
        attempts += 1;
        throw new ServerError(Status.UNAVAILABLE, 'stopping');
      },
    });

    const error = await rpcErrorOf(client.auth.login({ email: 'e', password: 'p' }));

    expect(error.code).to.equal(Status.UNAVAILABLE);
    expect(attempts).to.equal(1);
  });

  it('end at their deadline, for the service as well', async () => {
    let wasAborted: Promise<unknown> = Promise.resolve();
    const client = await start({
      getNode: (_request, { signal }) => {
        wasAborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
        return new Promise(() => undefined);
      },
    });

    const error = await rpcErrorOf(client.nodes.getNode({ nodeId: 'n' }, { timeoutMs: 200 }));
    await wasAborted;

    expect(error).to.include({ code: Status.DEADLINE_EXCEEDED, reason: 'DEADLINE_EXCEEDED' });
  });

  it('spend no more than their deadline on all attempts together', async () => {
    const client = await start({
      getNode: async () => {
        throw new ServerError(Status.UNAVAILABLE, 'stopping');
      },
    });

    const error = await rpcErrorOf(client.nodes.getNode({ nodeId: 'n' }, { timeoutMs: 150 }));

    expect(error.code).to.equal(Status.DEADLINE_EXCEEDED);
  });

  it('end with an AbortError when their caller aborts them', async () => {
    const abort = new AbortController();
    const client = await start({
      getNode: () => {
        abort.abort();
        return new Promise(() => undefined);
      },
    });

    const error: unknown = await client.nodes
      .getNode({ nodeId: 'n' }, { signal: abort.signal })
      .catch((reason: unknown) => reason);

    expect(error).to.have.property('name', 'AbortError');
  });
});

async function rpcErrorOf(call: Promise<unknown>): Promise<RpcError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RpcError)) throw new Error('expected an RpcError', { cause: error });
  return error;
}
